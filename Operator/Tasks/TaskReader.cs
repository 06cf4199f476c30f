using Granary.Api;
using Granary.Api.Common;
using Granary.Api.Names;
using Granary.Api.Stash.V1Beta1;
using KubeOps.KubernetesClient;

namespace Granary.Operator.Tasks;

/// <summary>Reads a Task and its Functions and resolves them.</summary>
internal sealed class TaskReader(IKubernetesClient client)
{
    /// <exception cref="TaskResolutionException">
    /// The Task or a Function is missing, or does not add up to a Job.
    /// </exception>
    public async Task<ResolvedTask> ResolveAsync(
        TaskRef chosen,
        IReadOnlyDictionary<string, string> variables,
        CancellationToken cancellationToken
    )
    {
        if (!DnsName.IsSubdomain(chosen.Name))
        {
            throw new TaskResolutionException($"\"{DnsName.Shown(chosen.Name)}\" is not the name of a Task");
        }

        var task = await client.GetAsync<StashTask>(chosen.Name ?? "", cancellationToken: cancellationToken)
            ?? throw new TaskResolutionException($"the Task {chosen.Name} does not exist");
        var functions = new Dictionary<string, Function>();
        foreach (var name in (task.Spec.Steps ?? []).Select(step => step.Name).OfType<string>().Distinct())
        {
            // A step may name its Function through a variable.
            var expanded = new Template(variables, _ => { }).Expand(name);
            if (
                DnsName.IsSubdomain(expanded)
                && await client.GetAsync<Function>(expanded, cancellationToken: cancellationToken) is { } function
            )
            {
                functions[expanded] = function;
            }
        }

        return TaskResolution.Resolve(task, functions, variables);
    }
}
