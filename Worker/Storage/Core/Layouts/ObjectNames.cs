namespace Granary.Storage.Layouts;

/// <summary>Names of objects in a store without directories: the default layout under a prefix.</summary>
public sealed class ObjectNames
{
    /// <summary>
    /// Takes a prefix as users write it: slashes at either end, doubled slashes and <c>.</c> are harmless.
    /// </summary>
    /// <param name="prefix">The prefix.</param>
    /// <param name="container">The bucket or container with its provider, for messages: <c>s3:bucket</c>.</param>
    /// <exception cref="StorageException">
    /// <see cref="StorageError.Invalid"/>: the prefix leads upwards (<c>..</c>).
    /// </exception>
    public ObjectNames(string? prefix, string container)
    {
        var parts = (prefix ?? "")
            .Split('/', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Where(part => part != ".")
            .ToList();
        if (parts.Contains(".."))
        {
            throw new StorageException(
                StorageError.Invalid,
                container,
                null,
                $"the prefix '{prefix}' must not contain '..'"
            );
        }

        Prefix = parts.Count == 0 ? "" : string.Join('/', parts) + "/";
    }

    /// <summary>Empty, or the cleaned prefix with a slash at its end.</summary>
    public string Prefix { get; }

    /// <summary>The cleaned prefix without a slash at its end, for messages.</summary>
    public string Folder => Prefix.TrimEnd('/');

    /// <summary>The object that holds a file.</summary>
    public string NameOf(FileHandle handle) => Prefix + Layout.Default.PathOf(handle);

    /// <summary>The prefix that all files of a kind share; list it without a delimiter.</summary>
    public string PrefixOf(FileKind kind) => Prefix + Layout.FolderOf(kind);

    /// <summary>Whether an object is a file of this repository, in its place.</summary>
    /// <remarks>
    /// A prefix alone does not tell: other applications and other repositories may lie under it, or it may be empty.
    /// </remarks>
    public bool Holds(string objectName) =>
        objectName == NameOf(FileHandle.Config)
        || Layout.Folders.Any(kind => EntryFor(kind, objectName, 0) is not null);

    /// <summary>
    /// Turns a listed object into an entry, or null where it is not a file of that kind in its place.
    /// </summary>
    public FileEntry? EntryFor(FileKind kind, string objectName, long size)
    {
        var name = objectName[(objectName.LastIndexOf('/') + 1)..];
        return Layout.IsFileName(name) && objectName == NameOf(new FileHandle(kind, name))
            ? new FileEntry(name, size)
            : null;
    }
}
