namespace Granary.Engine.Repositories.Locking;

/// <summary>Whether a lock shuts out other shared locks.</summary>
public enum LockMode
{
    /// <summary>For backup, dump, restore, stats and listing; many may hold one.</summary>
    Shared,

    /// <summary>For forget, prune, check and repair; nobody else may hold any.</summary>
    Exclusive,
}
