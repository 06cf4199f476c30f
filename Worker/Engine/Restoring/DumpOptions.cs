namespace Granary.Engine.Restoring;

/// <summary>How a file is read back.</summary>
public sealed record DumpOptions
{
    /// <summary>Ranges fetched at once. Default (0): as many as the backend suggests.</summary>
    public int Connections { get; init; }

    /// <summary>Threads that open, decompress and verify. Default (0): one per processor.</summary>
    public int Workers { get; init; }

    /// <summary>Bytes of memory for sealed data that is fetched ahead of the reader. Default: 24 MiB.</summary>
    public int ReadAhead { get; init; } = 24 << 20;
}

/// <summary>How far a dump is.</summary>
/// <param name="BytesWritten">Bytes given to the destination.</param>
/// <param name="TotalBytes">The file's size.</param>
public readonly record struct DumpProgress(long BytesWritten, long TotalBytes);

/// <summary>A finished dump.</summary>
/// <param name="Bytes">Bytes written, equal to the file's recorded size.</param>
/// <param name="Duration">How long it took.</param>
public sealed record DumpResult(long Bytes, TimeSpan Duration);
