using Granary.Api.Names;
using Granary.Api.Stash.V1Beta1;
using k8s.Models;

namespace Granary.Worker.Cluster;

/// <summary>Creates BackupSessions. Source: stash-behaviour §2.4.</summary>
internal sealed class SessionTrigger(WorkerServices services)
{
    /// <summary>Creates the session of this moment; one that is there already is the same one.</summary>
    /// <param name="kind">BackupConfiguration or BackupBatch.</param>
    /// <param name="namespace">Namespace of the invoker and its session.</param>
    /// <param name="name">Name of the invoker.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="StepFailedException">There is no such invoker, or it is none that backs up.</exception>
    public async Task CreateAsync(string kind, string @namespace, string name, CancellationToken cancellationToken)
    {
        if (kind is not (Kinds.BackupConfiguration or Kinds.BackupBatch))
        {
            throw new StepFailedException($"--invoker-kind is '{kind}'; it may be BackupConfiguration or BackupBatch");
        }

        var now = services.Time.GetUtcNow();
        var invoker = await Invoker.ReadAsync(services.Cluster, kind, @namespace, name, cancellationToken);
        var owner = invoker.Owner;
        var session = new BackupSession
        {
            Metadata = new V1ObjectMeta
            {
                Name = ObjectNames.BackupSession(name, now),
                NamespaceProperty = @namespace,
                Labels = Labels.Session(kind, name, @namespace, owner.Metadata.Labels, invoker.Target),
                OwnerReferences =
                [
                    new V1OwnerReference
                    {
                        ApiVersion = $"{Kinds.StashGroup}/v1beta1",
                        Kind = kind,
                        Name = name,
                        Uid = owner.Metadata.Uid,
                        Controller = true,
                        BlockOwnerDeletion = true,
                    },
                ],
            },
            Spec = new BackupSessionSpec
            {
                Invoker = new InvokerRef
                {
                    ApiGroup = Kinds.StashGroup,
                    Kind = kind,
                    Name = name,
                },
                RetryLeft = invoker.MaxRetry,
            },
        };
        var isNew = await services.Cluster.CreateAsync(session, cancellationToken);
        services.Log.SessionCreated(@namespace, session.Metadata.Name, isNew ? "created" : "there already");
    }
}
