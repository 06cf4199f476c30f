namespace KubeOps.Abstractions.Entities.Attributes;

/// <summary>The schema's <c>minimum</c> and <c>exclusiveMinimum</c>.</summary>
[AttributeUsage(AttributeTargets.Property)]
public class RangeMinimumAttribute(double minimum, bool exclusiveMinimum = false) : Attribute
{
    /// <summary>The bound.</summary>
    public double Minimum { get; } = minimum;

    /// <summary>Whether the bound itself is outside.</summary>
    public bool ExclusiveMinimum { get; } = exclusiveMinimum;
}

/// <summary>The schema's <c>maximum</c> and <c>exclusiveMaximum</c>.</summary>
[AttributeUsage(AttributeTargets.Property)]
public class RangeMaximumAttribute(double maximum, bool exclusiveMaximum = false) : Attribute
{
    /// <summary>The bound.</summary>
    public double Maximum { get; } = maximum;

    /// <summary>Whether the bound itself is outside.</summary>
    public bool ExclusiveMaximum { get; } = exclusiveMaximum;
}

/// <summary>The schema's <c>multipleOf</c>.</summary>
[AttributeUsage(AttributeTargets.Property)]
public class MultipleOfAttribute(double value) : Attribute
{
    /// <summary>The factor.</summary>
    public double Value { get; } = value;
}
