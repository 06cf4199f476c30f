namespace KubeOps.Abstractions.Entities.Attributes;

/// <summary>The schema's <c>enum</c>. The values must be of the schema's type and distinct.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class EnumValuesAttribute : Attribute
{
    /// <summary>Texts.</summary>
    public EnumValuesAttribute(params string[] values) => Values = [.. values];

    /// <summary>Whole numbers.</summary>
    public EnumValuesAttribute(params long[] values) => Values = [.. values.Select(v => (object)v)];

    /// <summary>Numbers.</summary>
    public EnumValuesAttribute(params double[] values) => Values = [.. values.Select(v => (object)v)];

    /// <summary>The allowed values.</summary>
    public object[] Values { get; }
}
