namespace Granary.Engine.Ids;

/// <summary>Names a pack: the SHA-256 of the whole stored file.</summary>
public readonly record struct PackId(Sha256Id Hash)
{
    /// <summary>Reads 64 lower-case hexadecimal digits.</summary>
    public static PackId Parse(string text) => new(Sha256Id.Parse(text));

    /// <inheritdoc/>
    public override string ToString() => Hash.ToString();
}

/// <summary>Names an index file: the SHA-256 of its stored bytes.</summary>
public readonly record struct IndexId(Sha256Id Hash)
{
    /// <summary>Reads 64 lower-case hexadecimal digits.</summary>
    public static IndexId Parse(string text) => new(Sha256Id.Parse(text));

    /// <inheritdoc/>
    public override string ToString() => Hash.ToString();
}

/// <summary>Names a snapshot: the SHA-256 of its stored bytes.</summary>
public readonly record struct SnapshotId(Sha256Id Hash)
{
    /// <summary>The first eight digits, as they are shown to people.</summary>
    public string Short => ToString()[..8];

    /// <summary>Reads 64 lower-case hexadecimal digits.</summary>
    public static SnapshotId Parse(string text) => new(Sha256Id.Parse(text));

    /// <inheritdoc/>
    public override string ToString() => Hash.ToString();
}

/// <summary>Names a lock file: the SHA-256 of its stored bytes.</summary>
public readonly record struct LockId(Sha256Id Hash)
{
    /// <inheritdoc/>
    public override string ToString() => Hash.ToString();
}
