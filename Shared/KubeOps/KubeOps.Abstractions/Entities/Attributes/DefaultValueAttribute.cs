namespace KubeOps.Abstractions.Entities.Attributes;

/// <summary>The schema's <c>default</c>; a property's value overrides the one of its type.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Class, Inherited = true)]
public sealed class DefaultValueAttribute : Attribute
{
    /// <summary>A truth value.</summary>
    public DefaultValueAttribute(bool value) => Value = value;

    /// <summary>A whole number.</summary>
    public DefaultValueAttribute(long value) => Value = value;

    /// <summary>A number.</summary>
    public DefaultValueAttribute(double value) => Value = value;

    /// <summary>A text, or JSON when <see cref="Json" /> is set.</summary>
    public DefaultValueAttribute(string value) => Value = value;

    /// <summary>The value as given: bool, long, double or string.</summary>
    public object Value { get; }

    /// <summary>Whether the text is parsed as JSON.</summary>
    public bool Json { get; init; }
}
