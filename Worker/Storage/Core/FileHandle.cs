namespace Granary.Storage;

/// <summary>Names one stored file.</summary>
/// <param name="Kind">The folder it lives in.</param>
/// <param name="Name">64 lower-case hexadecimal digits; empty for <see cref="FileKind.Config"/>.</param>
public readonly record struct FileHandle(FileKind Kind, string Name)
{
    /// <summary>The handle of the repository's config file.</summary>
    public static FileHandle Config { get; } = new(FileKind.Config, "");

    /// <inheritdoc/>
    public override string ToString() =>
        Kind == FileKind.Config ? "config" : $"{Kind.ToString().ToLowerInvariant()}/{Name}";
}

/// <summary>One entry of a listing.</summary>
/// <param name="Name">64 lower-case hexadecimal digits.</param>
/// <param name="Size">Stored size in bytes.</param>
public readonly record struct FileEntry(string Name, long Size);
