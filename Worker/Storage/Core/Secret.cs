namespace Granary.Storage;

/// <summary>A value that prints itself redacted, so that it cannot reach a log or a message by accident.</summary>
public sealed class Secret(string value)
{
    /// <summary>The value itself. Pass it on, never print it.</summary>
    public string Reveal() => value;

    /// <inheritdoc/>
    public override string ToString() => "(redacted)";
}
