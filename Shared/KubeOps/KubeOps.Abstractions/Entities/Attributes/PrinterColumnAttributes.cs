namespace KubeOps.Abstractions.Entities.Attributes;

/// <summary>Shows the property as a column of <c>kubectl get</c>.</summary>
[AttributeUsage(AttributeTargets.Property)]
public class AdditionalPrinterColumnAttribute(PrinterColumnPriority priority = default, string? name = null) : Attribute
{
    /// <summary>When the column is shown.</summary>
    public PrinterColumnPriority Priority { get; } = priority;

    /// <summary>The heading; null takes the JSON name.</summary>
    public string? Name { get; } = name;
}

/// <summary>Shows any path of the object as a column of <c>kubectl get</c>.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
public class GenericAdditionalPrinterColumnAttribute(string jsonPath, string name, string type) : Attribute
{
    /// <summary>The path with a leading dot, e.g. <c>.metadata.creationTimestamp</c>.</summary>
    public string JsonPath { get; } = jsonPath;

    /// <summary>The heading.</summary>
    public string Name { get; } = name;

    /// <summary>integer, number, string, boolean or date.</summary>
    public string Type { get; } = type;

    /// <summary>What the column means.</summary>
    public string? Description { get; init; }

    /// <summary>The OpenAPI format of the value.</summary>
    public string? Format { get; init; }

    /// <summary>When the column is shown.</summary>
    public PrinterColumnPriority Priority { get; init; }
}
