namespace Granary.Engine.Repositories;

/// <summary>A lock file of ours, kept fresh in the background until disposed of.</summary>
public sealed class RepositoryLock : IAsyncDisposable
{
    /// <summary>Cancelled when the lock is lost: whoever works under it must stop.</summary>
    public CancellationToken Lost => throw new NotSupportedException();

    /// <summary>Whether it is exclusive.</summary>
    public LockMode Mode => throw new NotSupportedException();

    /// <summary>Deletes the lock file.</summary>
    public ValueTask DisposeAsync() => throw new NotSupportedException();
}
