namespace Granary.Storage.Local;

/// <summary>The folders of a repository on a mounted disk.</summary>
/// <param name="root">Its full path.</param>
/// <param name="mode">Answers the mode of new folders.</param>
internal sealed class LocalFolders(string root, Func<UnixFileMode> mode)
{
    /// <summary>Makes the folder of a file, durably.</summary>
    /// <remarks>
    /// A restored or hand-made repository may lack folders. A missing root is different: most likely nothing is mounted
    /// there.
    /// </remarks>
    public void EnsureFor(string path)
    {
        RequireRoot();
        var folder = Path.GetDirectoryName(path)!; // a file's path has a directory
        if (folder.Length <= root.Length || Directory.Exists(folder))
        {
            return;
        }

        EnsureFor(folder);
        if (Create(folder))
        {
            // A file that is promised to be durable must not lose its folder.
            PosixFiles.FlushDirectory(Path.GetDirectoryName(folder)!); // the root or a folder in it
        }
    }

    /// <exception cref="DirectoryNotFoundException">There is no root.</exception>
    public void RequireRoot()
    {
        if (!Directory.Exists(root))
        {
            throw new DirectoryNotFoundException("the repository's directory does not exist; is the volume mounted?");
        }
    }

    /// <summary>Makes folders in one that is there, durably.</summary>
    public void CreateIn(string parent, IEnumerable<string> names, CancellationToken cancellationToken)
    {
        var isChanged = false;
        foreach (var name in names)
        {
            cancellationToken.ThrowIfCancellationRequested();
            isChanged |= Create(Path.Join(parent, name));
        }

        if (isChanged)
        {
            PosixFiles.FlushDirectory(parent);
        }
    }

    /// <summary>Makes a folder.</summary>
    /// <returns>Whether it was made now.</returns>
    public bool Create(string path)
    {
        if (Directory.Exists(path))
        {
            return false;
        }

        Directory.CreateDirectory(path, mode());
        return true;
    }
}
