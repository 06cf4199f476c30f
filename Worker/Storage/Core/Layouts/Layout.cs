using System.Buffers;

namespace Granary.Storage.Layouts;

/// <summary>
/// Where each kind of file lives, relative to the repository's root. Source: repository format, "Layout".
/// </summary>
public sealed class Layout
{
    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");
    private readonly bool _packsInSubfolders;

    private Layout(bool packsInSubfolders) => _packsInSubfolders = packsInSubfolders;

    /// <summary>The default layout: packs lie in <c>data/&lt;first two digits&gt;/&lt;name&gt;</c>.</summary>
    public static Layout Default { get; } = new(packsInSubfolders: true);

    /// <summary>
    /// The layout that a REST server shows: packs lie in <c>data/&lt;name&gt;</c>, the server adds the level on disk.
    /// </summary>
    public static Layout Flat { get; } = new(packsInSubfolders: false);

    /// <summary>The kinds that have a folder, which is all but <see cref="FileKind.Config"/>.</summary>
    public static IReadOnlyList<FileKind> Folders { get; } =
    [FileKind.Key, FileKind.Pack, FileKind.Index, FileKind.Snapshot, FileKind.Lock];

    /// <summary>Whether a name is one that the format gives: 64 lower-case hexadecimal digits.</summary>
    /// <remarks>
    /// All else in a folder is foreign or the remains of an interrupted save, and is left out of listings.
    /// </remarks>
    public static bool IsFileName(ReadOnlySpan<char> name) => name.Length == 64 && !name.ContainsAnyExcept(HexDigits);

    /// <summary>The folder of a kind, with a slash at its end: <c>data/</c>.</summary>
    /// <exception cref="ArgumentException">The config file has no folder.</exception>
    public static string FolderOf(FileKind kind) =>
        kind switch
        {
            FileKind.Key => "keys/",
            FileKind.Pack => "data/",
            FileKind.Index => "index/",
            FileKind.Snapshot => "snapshots/",
            FileKind.Lock => "locks/",
            FileKind.Config => throw new ArgumentException(
                "The config file is in no folder and cannot be listed.",
                nameof(kind)
            ),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Unknown kind of file."),
        };

    /// <summary>The path of a file: <c>config</c>, <c>data/3f/3f…</c>.</summary>
    /// <exception cref="ArgumentException">
    /// The name is not 64 hexadecimal digits. This also keeps a made-up name from leading out of the
    /// repository. </exception>
    public string PathOf(FileHandle handle)
    {
        if (handle.Kind == FileKind.Config)
        {
            return handle.Name.Length == 0
                ? "config"
                : throw new ArgumentException(
                    $"The config file has no name, but '{handle.Name}' was given.",
                    nameof(handle)
                );
        }

        if (!IsFileName(handle.Name))
        {
            throw new ArgumentException(
                $"A stored file's name is 64 hexadecimal digits, not '{handle.Name}'.",
                nameof(handle)
            );
        }

        var folder = FolderOf(handle.Kind);
        return _packsInSubfolders && handle.Kind == FileKind.Pack
            ? $"{folder}{handle.Name.AsSpan(0, 2)}/{handle.Name}"
            : folder + handle.Name;
    }
}
