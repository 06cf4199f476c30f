using System.Runtime.ExceptionServices;

namespace Granary.Engine;

/// <summary>
/// Tasks that succeed or fail together: the first failure stops the others, and is the one that is reported.
/// </summary>
/// <remarks>Disposing stops and awaits all of them, so that none outlives its crew.</remarks>
internal sealed class Crew : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop;
    private readonly CancellationToken _outer;
    private readonly List<Task> _tasks = [];
    private ExceptionDispatchInfo? _failure;

    public Crew(CancellationToken cancellationToken, CancellationToken other = default)
    {
        _outer = cancellationToken;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, other);
        Token = _stop.Token;
    }

    /// <summary>Cancelled when a task fails, or from outside.</summary>
    public CancellationToken Token { get; }

    /// <summary>Starts a task. Its failure stops the crew.</summary>
    public Task Start(Func<CancellationToken, Task> work)
    {
        var task = Task.Run(() => RunAsync(work), CancellationToken.None);
        lock (_tasks)
        {
            _tasks.Add(task);
        }

        return task;
    }

    /// <summary>Awaits tasks of the crew. Throws the first failure of any of the crew's tasks.</summary>
    public async Task WaitAsync(params IEnumerable<Task> tasks)
    {
        await Task.WhenAll(tasks);
        ThrowIfFailed();
    }

    /// <summary>Throws the first failure, or that the crew was cancelled from outside.</summary>
    public void ThrowIfFailed()
    {
        Volatile.Read(ref _failure)?.Throw();
        _outer.ThrowIfCancellationRequested();
        Token.ThrowIfCancellationRequested();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        Task[] tasks;
        lock (_tasks)
        {
            tasks = [.. _tasks];
        }

        await Task.WhenAll(tasks);
        _stop.Dispose();
    }

    // Never throws: failures are kept, and being stopped is not one.
    private async Task RunAsync(Func<CancellationToken, Task> work)
    {
        try
        {
            await work(Token);
        }
        catch (OperationCanceledException) when (Token.IsCancellationRequested)
        {
            // Somebody else's failure, or the caller's wish.
        }
        catch (Exception e)
        {
            Interlocked.CompareExchange(ref _failure, ExceptionDispatchInfo.Capture(e), null);
            await _stop.CancelAsync();
        }
    }
}
