using Granary.Api.AppCatalog.V1Alpha1;
using Granary.Api.Stash.V1Alpha1;

namespace Granary.Operator.Tasks;

/// <summary>What a Job needs to know about the world outside its invoker, as one reconcile read it.</summary>
/// <param name="AppBinding">The target; null when the target is something else.</param>
internal sealed record JobSurroundings(Repository Repository, AppBinding? AppBinding, OperatorOptions Options);
