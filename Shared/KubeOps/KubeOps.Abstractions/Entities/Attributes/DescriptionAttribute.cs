namespace KubeOps.Abstractions.Entities.Attributes;

/// <summary>The schema's <c>description</c>. The text on a property's type wins over the one on the property.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Class)]
public class DescriptionAttribute(string description) : Attribute
{
    /// <summary>The text.</summary>
    public string Description { get; } = description;
}

/// <summary>The schema's <c>title</c>. The text on a property's type wins over the one on the property.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Class)]
public class TitleAttribute(string title) : Attribute
{
    /// <summary>The text.</summary>
    public string Title { get; } = title;
}

/// <summary>A link to further documentation: <c>externalDocs</c>.</summary>
[AttributeUsage(AttributeTargets.Property)]
public class ExternalDocsAttribute(string url, string? description = null) : Attribute
{
    /// <summary>The address.</summary>
    public string Url { get; } = url;

    /// <summary>What is found there.</summary>
    public string? Description { get; } = description;
}
