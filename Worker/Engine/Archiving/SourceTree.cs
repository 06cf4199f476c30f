using System.Text;
using Granary.Engine.Ids;
using Granary.Engine.Records;
using Granary.Engine.Repositories.Blobs;

namespace Granary.Engine.Archiving;

/// <summary>The directories of a snapshot, made of the paths of its sources. Source: repository format §10.1.</summary>
internal sealed class SourceTree
{
    private readonly Directory _root = new();

    /// <summary>Makes a path absolute and plain: no empty, <c>.</c> or <c>..</c> parts.</summary>
    /// <exception cref="ArgumentException">Nothing is left, or it has a NUL.</exception>
    public static string Clean(string path)
    {
        var parts = new List<string>();
        foreach (var part in path.Split('/'))
        {
            switch (part)
            {
                case "" or ".":
                    break;
                case "..":
                    parts.RemoveRange(Math.Max(0, parts.Count - 1), Math.Min(1, parts.Count));
                    break;
                default:
                    parts.Add(part);
                    break;
            }
        }

        return parts.Count > 0 && !path.Contains('\0', StringComparison.Ordinal)
            ? "/" + string.Join('/', parts)
            : throw new ArgumentException($"'{path}' is not a path of a file.", nameof(path));
    }

    /// <summary>Adds a file under its cleaned path.</summary>
    /// <exception cref="ArgumentException">Something else has that path, or part of it.</exception>
    public void Add(SourceFile file)
    {
        var parts = file.Path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var directory = _root;
        foreach (var part in parts[..^1])
        {
            directory = directory.Enter(part) ?? throw Taken(file);
        }

        if (!directory.TryAdd(parts[^1], file))
        {
            throw Taken(file);
        }
    }

    /// <summary>Stores all directories, the inner ones first.</summary>
    public Task<StoredTrees> StoreAsync(BlobStore store, TreeNode template, CancellationToken cancellationToken) =>
        _root.StoreAsync(store, template, cancellationToken);

    private static ArgumentException Taken(SourceFile file) =>
        new($"Two sources share the path {file.Path}, or one is inside the other.", nameof(file));

    private sealed class Directory
    {
        // Ascending by bytes; UTF-16 order would differ above U+FFFF.
        private readonly SortedDictionary<byte[], object> _entries = new(
            Comparer<byte[]>.Create(static (left, right) => left.AsSpan().SequenceCompareTo(right))
        );

        public Directory? Enter(string name)
        {
            var key = Encoding.UTF8.GetBytes(name);
            if (!_entries.TryGetValue(key, out var entry))
            {
                _entries[key] = entry = new Directory();
            }

            return entry as Directory;
        }

        public bool TryAdd(string name, SourceFile file) => _entries.TryAdd(Encoding.UTF8.GetBytes(name), file);

        public async Task<StoredTrees> StoreAsync(
            BlobStore store,
            TreeNode template,
            CancellationToken cancellationToken
        )
        {
            var total = default(StoredTrees);
            var nodes = new List<TreeNode>(_entries.Count);
            foreach (var (name, entry) in _entries)
            {
                if (entry is SourceFile file)
                {
                    nodes.Add(
                        template with
                        {
                            Name = name,
                            Type = TreeNode.File,
                            Mode = TreeJson.FileMode,
                            Size = (ulong)file.Size,
                            Content = file.Content,
                        }
                    );
                    continue;
                }

                var inner = await ((Directory)entry).StoreAsync(store, template, cancellationToken);
                total = total.Plus(inner) with { Directories = total.Directories + inner.Directories + 1 };
                nodes.Add(
                    template with
                    {
                        Name = name,
                        Type = TreeNode.Directory,
                        Mode = TreeJson.DirectoryMode,
                        Subtree = inner.Root,
                    }
                );
            }

            var stored = await store.AddTreeAsync(nodes, cancellationToken);
            return total.Plus(
                new StoredTrees(stored.Id, stored.Stored > 0 ? 1 : 0, 0, stored.Added, stored.Stored)
            ) with
            {
                Root = stored.Id,
            };
        }
    }
}

/// <summary>The result of storing the directories.</summary>
internal readonly record struct StoredTrees(BlobId Root, long Trees, long Directories, long Added, long Stored)
{
    public StoredTrees Plus(StoredTrees other) =>
        this with
        {
            Trees = Trees + other.Trees,
            Added = Added + other.Added,
            Stored = Stored + other.Stored,
        };
}
