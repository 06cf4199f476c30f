namespace Granary.Engine.Checking;

/// <summary>The parts of a repository that a check looks at.</summary>
public sealed record CheckOptions
{
    /// <summary>Which packs are read in full, down to the hash of every blob. Default: none.</summary>
    public PackSubset ReadData { get; init; } = new PackSubset.None();
}

/// <summary>Something a check found.</summary>
/// <param name="File">The file, as <c>pack/3f2c…</c> or <c>snapshot/c77a…</c>.</param>
/// <param name="Message">Its fault.</param>
public sealed record CheckFinding(string File, string Message)
{
    /// <inheritdoc/>
    public override string ToString() =>
        Message.Contains(File, StringComparison.Ordinal) ? Message : $"{File}: {Message}";
}

/// <summary>The findings of a check. Source: repository format §18.</summary>
public sealed record CheckReport
{
    /// <summary>Damage: something cannot be read, or could not be restored.</summary>
    public required IReadOnlyList<CheckFinding> Errors { get; init; }

    /// <summary>
    /// Oddities that are no damage. Those of packs and indexes cost nothing but order, and a prune removes them.
    /// </summary>
    public required IReadOnlyList<CheckFinding> Hints { get; init; }

    /// <summary>
    /// Packs in the store that no index names: left by an interrupted backup or prune. Not an error; a prune removes
    /// them.
    /// </summary>
    public required IReadOnlyList<string> UnreferencedPacks { get; init; }

    /// <summary>Snapshots walked.</summary>
    public required int Snapshots { get; init; }

    /// <summary>Trees read.</summary>
    public required long Trees { get; init; }

    /// <summary>Packs that the index names.</summary>
    public required int Packs { get; init; }

    /// <summary>Packs read in full.</summary>
    public required int PacksRead { get; init; }

    /// <summary>Bytes of those.</summary>
    public required long BytesRead { get; init; }

    /// <summary>Whether there is no error.</summary>
    public bool IsSound => Errors.Count == 0;
}
