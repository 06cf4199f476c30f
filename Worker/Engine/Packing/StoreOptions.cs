namespace Granary.Engine.Packing;

/// <summary>How blobs are compressed, packed and uploaded.</summary>
public sealed record StoreOptions
{
    /// <summary>How hard to compress. Default: <see cref="CompressionMode.Auto"/>.</summary>
    public CompressionMode Compression { get; init; } = CompressionMode.Auto;

    /// <summary>A zstd level instead of the mode's own, 1 to 22.</summary>
    public int? CompressionLevel { get; init; }

    /// <summary>The blobs' bytes at which a pack is closed. 4 MiB to 128 MiB. Default: 16 MiB.</summary>
    public int PackSize { get; init; } = 16 << 20;

    /// <summary>Threads that hash, compress and seal. Default (0): one per processor.</summary>
    public int Workers { get; init; }

    /// <summary>Packs uploaded at once. Default (0): as many as the backend suggests.</summary>
    public int Connections { get; init; }

    /// <summary>
    /// Whether each blob is opened again and compared before it is stored, to catch bad memory. Default: true.
    /// </summary>
    public bool VerifyBlobs { get; init; } = true;
}

/// <summary>How hard to compress. Version 1 repositories never compress. Source: repository format §9.</summary>
public enum CompressionMode
{
    /// <summary>zstd level 1: half of level 3's time on dump text for 1.4 % more bytes.</summary>
    Auto,

    /// <summary>Data blobs are not compressed; trees and unpacked files still are.</summary>
    Off,

    /// <summary>zstd level 1.</summary>
    Fastest,

    /// <summary>zstd level 7.</summary>
    Better,

    /// <summary>zstd level 11.</summary>
    Max,
}
