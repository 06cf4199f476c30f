namespace Granary.Storage;

/// <summary>The kind of a stored file. Source: repository format, "Layout".</summary>
public enum FileKind
{
    /// <summary>The single <c>config</c> file; its handle has an empty name.</summary>
    Config,

    /// <summary>A key file under <c>keys/</c>.</summary>
    Key,

    /// <summary>A pack under <c>data/</c>.</summary>
    Pack,

    /// <summary>An index file under <c>index/</c>.</summary>
    Index,

    /// <summary>A snapshot file under <c>snapshots/</c>.</summary>
    Snapshot,

    /// <summary>A lock file under <c>locks/</c>.</summary>
    Lock,
}
