namespace KubeOps.Operator.LeaderElection;

/// <summary>Says when this process may reconcile.</summary>
internal interface ILeadership
{
    /// <summary>
    /// Waits until this process leads and joins the term; the caller leaves it when all its work has ended.
    /// </summary>
    Task<LeadershipTerm> JoinAsync(CancellationToken cancellationToken);
}

/// <summary>For operators of one replica: leads always.</summary>
internal sealed class SoleLeadership : ILeadership
{
    /// <inheritdoc />
    public Task<LeadershipTerm> JoinAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var term = new LeadershipTerm();
        term.TryJoin();
        return Task.FromResult(term);
    }
}
