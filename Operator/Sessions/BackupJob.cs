using Granary.Api.Names;
using Granary.Api.Stash.V1Beta1;
using Granary.Operator.Invokers;
using Granary.Operator.Jobs;
using Granary.Operator.Tasks;

namespace Granary.Operator.Sessions;

/// <summary>The Job of one target of a BackupSession.</summary>
internal static class BackupJob
{
    public static JobSpec For(BackupSession session, BackupInvoker invoker, BackupMember member) =>
        new()
        {
            Owner = session,
            Invoker = invoker.Owner,
            Index = member.Index,
            Name = ObjectNames.BackupJob(session.Metadata.Name, member.Index),
            ClusterRole = ClusterRoleNames.BackupJob,
            Component = Labels.BackupComponent,
            Repository = invoker.Repository,
            Target = member.Target,
            RuntimeSettings = member.Template.RuntimeSettings,
            TempDir = member.Template.TempDir,
            InterimVolume = member.Template.InterimVolumeTemplate,
            Choose = surroundings =>
            {
                var task = TaskChoice.ForBackup(member.Template.Task, surroundings.AppBinding);
                return (task, VariableCatalogue.ForBackup(invoker, member, session.Metadata.Name, surroundings, task));
            },
        };
}
