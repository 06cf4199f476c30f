using Granary.Access;
using Granary.Api.Common;
using Granary.Api.Names;
using Granary.Api.Stash.V1Beta1;
using Granary.Api.Status;
using Granary.Engine.Repositories;
using Granary.Worker.Reporting;

namespace Granary.Worker.Steps.Backup;

/// <summary>
/// Sees to it that the repository exists before a backup, in agreement with the other targets of the session.
/// </summary>
/// <remarks>
/// The target that the operator chose makes the repository and says so in the condition BackendRepositoryInitialized;
/// the others wait for that. Source: stash-behaviour §2.5. A session without that bookkeeping (made by hand, or none at
/// all) has nobody to wait for: then the repository is made here where it is missing.
/// </remarks>
internal sealed class RepositoryInitialization(WorkerServices services)
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(30);

    /// <summary>Opens the repository, having made it or having waited for it.</summary>
    /// <param name="access">The repository.</param>
    /// <param name="namespace">Namespace of the session.</param>
    /// <param name="session">Name of the session; empty where there is none.</param>
    /// <param name="target">Our target.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="StepFailedException">Whoever was to make it failed, or did not come round to it.</exception>
    public async Task<OpenRepository> EnsureAsync(
        RepositoryAccess access,
        string @namespace,
        string session,
        TargetRef target,
        CancellationToken cancellationToken
    )
    {
        if (session.Length == 0)
        {
            return await access.OpenOrInitAsync(cancellationToken);
        }

        var current = await services.Cluster.ReadAsync<BackupSession>(@namespace, session, cancellationToken);
        if (IsOurs(current, target))
        {
            return await InitializeAsync(access, current, cancellationToken);
        }

        var isSomebodys = (current.Status?.Targets ?? []).Exists(HasInitialization);
        if (isSomebodys)
        {
            await WaitAsync(@namespace, session, cancellationToken);
            return await access.OpenAsync(cancellationToken);
        }

        return await access.OpenOrInitAsync(cancellationToken);
    }

    private async Task<OpenRepository> InitializeAsync(
        RepositoryAccess access,
        BackupSession session,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var repository = await access.OpenOrInitAsync(cancellationToken);
            await SayAsync(
                session,
                true,
                ConditionReasons.BackendRepositoryFound,
                $"The repository {access.Backend.Location} is there.",
                cancellationToken
            );
            return repository;
        }
        catch (Exception e) when (e is not OperationCanceledException && ExitCodes.IsExpected(e))
        {
            await SayAsync(
                session,
                false,
                ConditionReasons.FailedToInitializeBackendRepository,
                FailureText.Of(e, services.Redactor),
                cancellationToken
            );
            throw;
        }
    }

    private Task<BackupSession> SayAsync(
        BackupSession session,
        bool status,
        string reason,
        string message,
        CancellationToken cancellationToken
    ) =>
        SessionConditions.SetAsync(
            services,
            session,
            ConditionTypes.BackendRepositoryInitialized,
            status,
            reason,
            message,
            cancellationToken
        );

    private async Task WaitAsync(string @namespace, string session, CancellationToken cancellationToken)
    {
        var start = services.Time.GetTimestamp();
        services.Log.WaitingForRepository(session);
        while (true)
        {
            var current = await services.Cluster.ReadAsync<BackupSession>(@namespace, session, cancellationToken);
            if (current.Status?.Conditions.Find(ConditionTypes.BackendRepositoryInitialized) is { } condition)
            {
                if (condition.Status == ConditionStatus.True)
                {
                    return;
                }

                throw new StepFailedException(
                    $"The repository could not be initialised for this session: {condition.Message}"
                );
            }

            if (services.Time.GetElapsedTime(start) > Patience)
            {
                throw new StepFailedException(
                    $"No target of the session initialised the repository within {Patience.TotalMinutes:0} minutes"
                );
            }

            await Task.Delay(PollInterval, services.Time, cancellationToken);
        }
    }

    private static bool IsOurs(BackupSession session, TargetRef target) =>
        (session.Status?.Targets ?? []).Exists(status =>
            TargetRefs.Match(status.Ref, target, session.Metadata.NamespaceProperty) && HasInitialization(status)
        );

    private static bool HasInitialization(BackupTargetStatus status) =>
        status.PreBackupActions?.Contains(BackupActions.InitializeBackendRepository) == true;
}
