using Granary.Engine.Repositories;
using Granary.Engine.Repositories.Locking;
using Granary.Storage;

namespace Granary.Engine.Maintenance;

/// <summary>Runs work that must not outlive its lock.</summary>
internal static class UnderLock
{
    /// <summary>
    /// Runs work that stops when the caller wishes or the lock is lost. Without a lock, which only readers may do, just
    /// the former.
    /// </summary>
    /// <exception cref="ArgumentException">The lock is shared, and the work needs an exclusive one.</exception>
    /// <exception cref="LockLostException">The lock was lost meanwhile.</exception>
    public static async Task<T> RunAsync<T>(
        RepositoryLock? heldLock,
        LockMode needed,
        Func<CancellationToken, Task<T>> work,
        CancellationToken cancellationToken
    )
    {
        if (heldLock is null)
        {
            return await work(cancellationToken);
        }

        if (needed == LockMode.Exclusive && heldLock.Mode != LockMode.Exclusive)
        {
            throw new ArgumentException("This operation needs an exclusive lock.", nameof(heldLock));
        }

        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, heldLock.Lost);
        try
        {
            return await work(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            heldLock.ThrowIfLost();
            throw;
        }
    }

    /// <summary>Runs work without a result in the same way.</summary>
    /// <inheritdoc cref="RunAsync{T}"/>
    public static Task RunAsync(
        RepositoryLock? heldLock,
        LockMode needed,
        Func<CancellationToken, Task> work,
        CancellationToken cancellationToken
    ) => RunAsync(heldLock, needed, Resultless.Of(work), cancellationToken);

    /// <summary>Deletes files in parallel and goes on past failures.</summary>
    /// <returns>The files that may still be there, and why.</returns>
    public static async Task<IReadOnlyList<FailedDelete>> DeleteAsync(
        RepositoryLock heldLock,
        IReadOnlyCollection<FileHandle> files,
        StepCounter counter,
        CancellationToken cancellationToken
    )
    {
        var failed = new List<FailedDelete>();
        var parallel = new ParallelOptions
        {
            MaxDegreeOfParallelism = Math.Max(1, heldLock.Backend.Connections),
            CancellationToken = cancellationToken,
        };
        await Parallel.ForEachAsync(files, parallel, async (file, token) =>
        {
            try
            {
                await heldLock.Backend.DeleteAsync(file, token);
            }
            catch (StorageException e)
            {
                lock (failed)
                {
                    failed.Add(new FailedDelete(file, e.Message));
                }
            }

            counter.Next();
        });
        return failed;
    }
}

/// <summary>A file that could not be deleted, as far as the store said.</summary>
/// <param name="File">The file.</param>
/// <param name="Reason">The store's words.</param>
public sealed record FailedDelete(FileHandle File, string Reason);
