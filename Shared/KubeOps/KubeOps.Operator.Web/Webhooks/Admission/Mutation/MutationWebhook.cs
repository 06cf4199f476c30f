using k8s;
using k8s.Models;
using Microsoft.AspNetCore.Mvc;

namespace KubeOps.Operator.Web.Webhooks.Admission.Mutation;

/// <summary>
/// Changes or denies objects of one entity. Override the asynchronous or the synchronous form; the default changes
/// nothing.
/// </summary>
[ApiController]
public abstract class MutationWebhook<TEntity> : ControllerBase
    where TEntity : IKubernetesObject<V1ObjectMeta>
{
    /// <summary>Judges a creation.</summary>
    [NonAction]
    public virtual Task<MutationResult<TEntity>> CreateAsync(
        TEntity entity,
        bool dryRun,
        CancellationToken cancellationToken
    ) => Task.FromResult(Create(entity, dryRun));

    /// <summary>Judges a creation.</summary>
    [NonAction]
    public virtual MutationResult<TEntity> Create(TEntity entity, bool dryRun) => NoChanges();

    /// <summary>Judges a change.</summary>
    [NonAction]
    public virtual Task<MutationResult<TEntity>> UpdateAsync(
        TEntity oldEntity,
        TEntity newEntity,
        bool dryRun,
        CancellationToken cancellationToken
    ) => Task.FromResult(Update(oldEntity, newEntity, dryRun));

    /// <summary>Judges a change.</summary>
    [NonAction]
    public virtual MutationResult<TEntity> Update(TEntity oldEntity, TEntity newEntity, bool dryRun) => NoChanges();

    /// <summary>Judges a deletion.</summary>
    [NonAction]
    public virtual Task<MutationResult<TEntity>> DeleteAsync(
        TEntity entity,
        bool dryRun,
        CancellationToken cancellationToken
    ) => Task.FromResult(Delete(entity, dryRun));

    /// <summary>Judges a deletion.</summary>
    [NonAction]
    public virtual MutationResult<TEntity> Delete(TEntity entity, bool dryRun) => NoChanges();

    /// <summary>Answers the API server.</summary>
    [HttpPost]
    public async Task<IActionResult> Mutate(
        [ModelBinder(typeof(KubernetesJsonBinding))] AdmissionRequest<TEntity> request,
        CancellationToken cancellationToken
    )
    {
        var data = request.Request;
        AdmissionResponse.Remember(HttpContext, data.Uid);
        var original = (data.Object ?? data.OldObject) is { } given ? KubernetesJson.Serialize(given) : null;
        var result = (data.Operation, data.Object, data.OldObject) switch
        {
            ("CREATE", { } entity, _) => await CreateAsync(entity, data.DryRun, cancellationToken),
            ("UPDATE", { } entity, { } old) => await UpdateAsync(old, entity, data.DryRun, cancellationToken),
            ("DELETE", _, { } old) => await DeleteAsync(old, data.DryRun, cancellationToken),
            _ => Fail(
                $"The operation {data.Operation} with these objects is not supported.",
                AdmissionResponse.DenialCode
            ),
        };
        return result with { Original = original };
    }

    /// <summary>Admits the object as it is.</summary>
    [NonAction]
    protected MutationResult<TEntity> NoChanges(params string[] warnings) => new() { Warnings = warnings };

    /// <summary>Admits the object as it was changed.</summary>
    [NonAction]
    protected MutationResult<TEntity> Modified(TEntity entity, params string[] warnings) =>
        new(entity) { Warnings = warnings };

    /// <summary>Denies without a reason, with code 422.</summary>
    [NonAction]
    protected MutationResult<TEntity> Fail() => Fail(string.Empty, AdmissionResponse.DenialCode);

    /// <summary>Denies with code 422.</summary>
    [NonAction]
    protected MutationResult<TEntity> Fail(string reason) => Fail(reason, AdmissionResponse.DenialCode);

    /// <summary>Denies with the code that the user's client shall receive.</summary>
    [NonAction]
    protected MutationResult<TEntity> Fail(string reason, int statusCode) =>
        new() { Valid = false, Status = new AdmissionStatus(reason, statusCode) };
}
