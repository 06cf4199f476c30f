using Granary.Api.AppCatalog.V1Alpha1;
using Granary.Api.Common;
using Granary.Api.Stash.V1Alpha1;

namespace Granary.Operator.Tasks;

/// <summary>What a Job needs to know about the world outside its invoker, as one reconcile read it.</summary>
/// <param name="AppBinding">The target; null when the target is something else.</param>
internal sealed record JobSurroundings(Repository Repository, AppBinding? AppBinding, OperatorOptions Options)
{
    /// <summary>Where a Repository stores.</summary>
    /// <exception cref="TaskResolutionException">It does not say.</exception>
    public static (Backend Backend, BackendLocation Location) StorageOf(Repository repository)
    {
        var backend = repository.Spec.Backend
            ?? throw new TaskResolutionException($"Repository {repository.Metadata.Name} has no spec.backend");
        return (
            backend,
            backend.Location()
                ?? throw new TaskResolutionException(
                    $"Repository {repository.Metadata.Name} names no storage under spec.backend"
                )
        );
    }
}
