namespace KubeOps.Operator.LeaderElection;

/// <summary>
/// One uninterrupted time of leading. Its token is cancelled when that time ends, for whatever reason.
/// </summary>
/// <remarks>
/// The token's source is never disposed: it owns no timer, and the timer that ends the term may still be running when
/// the last participant leaves.
/// </remarks>
#pragma warning disable CA1001 // Said above.
internal sealed class LeadershipTerm
#pragma warning restore CA1001
{
    private readonly CancellationTokenSource _end = new();
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _participants;
    private bool _isOver;

    /// <summary>Cancelled at the end of the term.</summary>
    public CancellationToken Token => _end.Token;

    /// <summary>Completes when the term is over and everyone who took part in it has left.</summary>
    public Task Drained => _drained.Task;

    /// <summary>Takes part in the term, unless it is over.</summary>
    public bool TryJoin()
    {
        lock (_lock)
        {
            if (_isOver)
            {
                return false;
            }

            _participants++;
            return true;
        }
    }

    /// <summary>Says that all work of a participant has ended.</summary>
    public void Leave()
    {
        lock (_lock)
        {
            _participants--;
            CompleteIfDrained();
        }
    }

    /// <summary>Ends the term.</summary>
    public void End()
    {
        lock (_lock)
        {
            _isOver = true;
            CompleteIfDrained();
        }

        _end.Cancel();
    }

    private void CompleteIfDrained()
    {
        if (_isOver && _participants == 0)
        {
            _drained.TrySetResult();
        }
    }
}
