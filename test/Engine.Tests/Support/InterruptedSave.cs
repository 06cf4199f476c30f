using Granary.Storage;
using Granary.Storage.Decorators;

namespace Granary.Engine.Tests;

/// <summary>Lets something happen while one file of a kind is being saved, before it is there.</summary>
internal sealed class InterruptedSave(IBackend inner, FileKind kind) : DelegatingBackend(inner)
{
    private Action? _meanwhile;

    /// <summary>What happens at the next save of the kind, once.</summary>
    public Action Meanwhile
    {
        set => _meanwhile = value;
    }

    public override async Task SaveAsync(
        FileHandle handle,
        Stream content,
        SaveMode mode,
        CancellationToken cancellationToken
    )
    {
        if (handle.Kind == kind && Interlocked.Exchange(ref _meanwhile, null) is { } meanwhile)
        {
            meanwhile();
        }

        // What was on its way arrives, whatever became of the sender.
        await base.SaveAsync(handle, content, mode, CancellationToken.None);
        cancellationToken.ThrowIfCancellationRequested();
    }
}
