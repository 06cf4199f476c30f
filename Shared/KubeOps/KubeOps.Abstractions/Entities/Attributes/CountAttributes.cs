namespace KubeOps.Abstractions.Entities.Attributes;

/// <summary>Limits on the number of items; -1 is no limit.</summary>
[AttributeUsage(AttributeTargets.Property)]
public class ItemsAttribute(long minItems = -1, long maxItems = -1) : Attribute
{
    /// <summary>Least number, or null.</summary>
    public long? MinItems { get; } = minItems == -1 ? null : minItems;

    /// <summary>Greatest number, or null.</summary>
    public long? MaxItems { get; } = maxItems == -1 ? null : maxItems;
}

/// <summary>Limits on the number of properties; -1 is no limit.</summary>
[AttributeUsage(AttributeTargets.Property)]
public class PropertyLimitsAttribute(long minProperties = -1, long maxProperties = -1) : Attribute
{
    /// <summary>Least number, or null.</summary>
    public long? MinProperties { get; } = minProperties == -1 ? null : minProperties;

    /// <summary>Greatest number, or null.</summary>
    public long? MaxProperties { get; } = maxProperties == -1 ? null : maxProperties;
}

/// <summary>
/// Always refused: Kubernetes forbids <c>uniqueItems</c> in CRDs. Use <see cref="XListTypeAttribute" />.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public class UniqueItemsAttribute : Attribute;
