namespace KubeOps.Abstractions.Entities.Attributes;

/// <summary>Replaces the schema's <c>format</c>; null removes it, blank is refused.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class FormatAttribute(string? format) : Attribute
{
    /// <summary>The format.</summary>
    public string? Format { get; } = format;
}

/// <summary>A regular expression that the text must match: <c>pattern</c>.</summary>
[AttributeUsage(AttributeTargets.Property)]
public class PatternAttribute(string regexPattern) : Attribute
{
    /// <summary>The expression (RE2 syntax on the API server).</summary>
    public string RegexPattern { get; } = regexPattern;
}

/// <summary>Limits on a text, in characters; -1 is no limit.</summary>
[AttributeUsage(AttributeTargets.Property)]
public class LengthAttribute(long minLength = -1, long maxLength = -1) : Attribute
{
    /// <summary>Least length, or null.</summary>
    public long? MinLength { get; } = minLength == -1 ? null : minLength;

    /// <summary>Greatest length, or null.</summary>
    public long? MaxLength { get; } = maxLength == -1 ? null : maxLength;
}
