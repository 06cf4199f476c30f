using Granary.Api.Stash.V1Beta1;
using k8s.Models;

namespace Granary.Operator.Tasks;

/// <summary>A Task with nothing left to look up: every variable has its value.</summary>
internal sealed record ResolvedTask(IReadOnlyList<ResolvedStep> Steps, IReadOnlyList<V1Volume> Volumes);

/// <summary>One container to be.</summary>
/// <param name="Name">Function name with dots as dashes, and the step's index.</param>
/// <param name="Inputs">The variables as this step saw them, for hook containers.</param>
internal sealed record ResolvedStep(string Name, FunctionSpec Function, IReadOnlyDictionary<string, string> Inputs);
