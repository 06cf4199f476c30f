using Granary.Api.Names;
using Granary.Operator.Invokers;
using Granary.Operator.Jobs;
using Granary.Operator.Tasks;

namespace Granary.Operator.Restores;

/// <summary>The Job of one target of a restore.</summary>
internal static class RestoreJob
{
    public static JobSpec For(RestoreInvoker invoker, RestoreMember member) =>
        new()
        {
            Owner = invoker.Owner,
            Invoker = invoker.Owner,
            Index = member.Index,
            Name = ObjectNames.RestoreJob(invoker.Name, member.Index),
            ClusterRole = ClusterRoleNames.RestoreJob,
            Component = Labels.RestoreComponent,
            Repository = invoker.Repository,
            Target = member.Target,
            RuntimeSettings = member.Template.RuntimeSettings,
            TempDir = member.Template.TempDir,
            InterimVolume = member.Template.InterimVolumeTemplate,
            Choose = surroundings =>
            {
                var source = RestoreSource.For(member)
                    ?? throw new TaskResolutionException(
                        $"no rule is for host {member.ReportedHost}: nothing would be restored; name it in "
                            + "targetHosts, or give a rule without targetHosts"
                    );
                var task = TaskChoice.ForRestore(member.Template.Task, surroundings.AppBinding);
                return (task, VariableCatalogue.ForRestore(invoker, member, source, surroundings, task));
            },
        };
}
