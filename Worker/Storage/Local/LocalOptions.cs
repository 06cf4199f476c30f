namespace Granary.Storage.Local;

/// <summary>Where on a mounted disk a repository lies.</summary>
public sealed record LocalOptions
{
    /// <summary>The repository's root directory. Made absolute.</summary>
    public required string Path { get; init; }

    /// <summary>Operations at once. Default: 2, as a disk gains little from more.</summary>
    public int Connections { get; init; } = 2;
}
