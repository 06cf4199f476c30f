namespace KubeOps.Abstractions.Entities.Attributes;

/// <summary>The schema's <c>example</c>.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ExampleAttribute : Attribute
{
    /// <summary>A truth value.</summary>
    public ExampleAttribute(bool value) => Value = value;

    /// <summary>A whole number.</summary>
    public ExampleAttribute(long value) => Value = value;

    /// <summary>A number.</summary>
    public ExampleAttribute(double value) => Value = value;

    /// <summary>A text, or JSON when <see cref="Json" /> is set.</summary>
    public ExampleAttribute(string value) => Value = value;

    /// <summary>The value as given: bool, long, double or string.</summary>
    public object Value { get; }

    /// <summary>Whether the text is parsed as JSON.</summary>
    public bool Json { get; init; }
}
