using Granary.Api.Common;
using Granary.Api.Names;
using Granary.Api.Stash.V1Beta1;
using k8s;
using k8s.Models;

namespace Granary.Worker.Cluster;

/// <summary>
/// What a BackupConfiguration, BackupBatch, RestoreSession or RestoreBatch says that the worker asks about.
/// </summary>
/// <param name="Owner">The object.</param>
/// <param name="Repository">Its Repository.</param>
/// <param name="Target">Its target; a batch's first.</param>
/// <param name="Driver">What moves the data.</param>
/// <param name="Retention">Which snapshots are kept; null for a restore.</param>
/// <param name="MaxRetry">How often a failed session is tried again.</param>
internal sealed record Invoker(
    IKubernetesObject<V1ObjectMeta> Owner,
    ObjectReference? Repository,
    TargetRef? Target,
    string Driver,
    RetentionPolicy? Retention,
    int MaxRetry
)
{
    /// <summary>Namespace of the Repository.</summary>
    public string RepositoryNamespace =>
        Repository?.Namespace is { Length: > 0 } given ? given : Owner.Metadata.NamespaceProperty;

    /// <summary>Reads an invoker.</summary>
    /// <exception cref="StepFailedException">It is missing, or of a kind that invokes nothing.</exception>
    public static async Task<Invoker> ReadAsync(
        ClusterClient cluster,
        string kind,
        string @namespace,
        string name,
        CancellationToken cancellationToken
    ) =>
        kind switch
        {
            Kinds.BackupConfiguration => Of(
                await cluster.ReadAsync<BackupConfiguration>(@namespace, name, cancellationToken)
            ),
            Kinds.BackupBatch => Of(await cluster.ReadAsync<BackupBatch>(@namespace, name, cancellationToken)),
            Kinds.RestoreSession => Of(await cluster.ReadAsync<RestoreSession>(@namespace, name, cancellationToken)),
            Kinds.RestoreBatch => Of(await cluster.ReadAsync<RestoreBatch>(@namespace, name, cancellationToken)),
            _ => throw new StepFailedException(
                $"The invoker's kind '{kind}' is not known; it may be BackupConfiguration, BackupBatch, "
                    + "RestoreSession or RestoreBatch"
            ),
        };

    private static Invoker Of(BackupConfiguration configuration) =>
        new(
            configuration,
            configuration.Spec.Repository,
            configuration.Spec.Target?.Ref,
            DriverOf(configuration.Spec.Driver),
            configuration.Spec.RetentionPolicy,
            configuration.Spec.RetryConfig?.MaxRetry ?? 0
        );

    private static Invoker Of(BackupBatch batch) =>
        new(
            batch,
            batch.Spec.Repository,
            batch.Spec.Members is [var first, ..] ? first.Target?.Ref : null,
            DriverOf(batch.Spec.Driver),
            batch.Spec.RetentionPolicy,
            batch.Spec.RetryConfig?.MaxRetry ?? 0
        );

    private static Invoker Of(RestoreSession session) =>
        new(session, session.Spec.Repository, session.Spec.Target?.Ref, DriverOf(session.Spec.Driver), null, 0);

    private static Invoker Of(RestoreBatch batch) =>
        new(
            batch,
            batch.Spec.Repository,
            batch.Spec.Members is [var first, ..] ? first.Target?.Ref : null,
            DriverOf(batch.Spec.Driver),
            null,
            0
        );

    private static string DriverOf(string? driver) => string.IsNullOrEmpty(driver) ? Drivers.Restic : driver;
}
