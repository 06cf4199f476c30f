using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Granary.Storage;
using Granary.Storage.Decorators;

namespace Granary.Engine.Tests;

/// <summary>
/// Lists what was saved through it not yet, and what was deleted through it still, as some stores do for a while; what
/// is asked for by its name is answered as it is. Locks are listed at once.
/// </summary>
internal sealed class LateListingBackend(IBackend inner) : DelegatingBackend(inner)
{
    private readonly ConcurrentDictionary<FileHandle, long> _deleted = new();
    private readonly ConcurrentDictionary<FileHandle, bool> _saved = new();

    public override async Task SaveAsync(
        FileHandle handle,
        Stream content,
        SaveMode mode,
        CancellationToken cancellationToken
    )
    {
        await base.SaveAsync(handle, content, mode, cancellationToken);
        _saved[handle] = true;
    }

    public override async Task DeleteAsync(FileHandle handle, CancellationToken cancellationToken)
    {
        var size = await SizeAsync(handle, cancellationToken);
        await base.DeleteAsync(handle, cancellationToken);
        if (size is { } was && !_saved.ContainsKey(handle))
        {
            _deleted[handle] = was;
        }
    }

    public override async IAsyncEnumerable<FileEntry> ListAsync(
        FileKind kind,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await foreach (var file in base.ListAsync(kind, cancellationToken))
        {
            if (kind == FileKind.Lock || !_saved.ContainsKey(new FileHandle(kind, file.Name)))
            {
                yield return file;
            }
        }

        foreach (var (handle, size) in _deleted.Where(each => each.Key.Kind == kind && kind != FileKind.Lock))
        {
            yield return new FileEntry(handle.Name, size);
        }
    }
}
