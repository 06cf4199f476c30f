using System.Diagnostics.CodeAnalysis;
using k8s;
using k8s.Models;

namespace KubeOps.Abstractions.Reconciliation;

/// <summary>How a reconciliation ended and when to look again.</summary>
public sealed record ReconciliationResult<TEntity>
    where TEntity : IKubernetesObject<V1ObjectMeta>
{
    private ReconciliationResult(
        TEntity entity,
        bool isSuccess,
        string? errorMessage,
        Exception? error,
        TimeSpan? requeueAfter
    )
    {
        Entity = entity;
        IsSuccess = isSuccess;
        ErrorMessage = errorMessage;
        Error = error;
        RequeueAfter = requeueAfter;
    }

    /// <summary>The object as the reconciliation left it.</summary>
    public TEntity Entity { get; }

    /// <summary>Whether the reconciliation did what it wanted.</summary>
    [MemberNotNullWhen(false, nameof(ErrorMessage))]
    public bool IsSuccess { get; }

    /// <summary>What went wrong; null on success.</summary>
    public string? ErrorMessage { get; }

    /// <summary>The cause, if there is one.</summary>
    public Exception? Error { get; }

    /// <summary>When to look again; null leaves that to events (and, after a failure, to the back-off).</summary>
    public TimeSpan? RequeueAfter { get; set; }

    /// <summary>The wish is fulfilled, or work goes on and is looked at again later.</summary>
    public static ReconciliationResult<TEntity> Success(TEntity entity, TimeSpan? requeueAfter = null) =>
        new(entity, isSuccess: true, null, null, requeueAfter);

    /// <summary>Something expected stands in the way.</summary>
    public static ReconciliationResult<TEntity> Failure(
        TEntity entity,
        string errorMessage,
        Exception? error = null,
        TimeSpan? requeueAfter = null
    ) => new(entity, isSuccess: false, errorMessage, error, requeueAfter);
}
