using k8s;
using k8s.Models;
using Microsoft.AspNetCore.Mvc;

namespace KubeOps.Operator.Web.Webhooks.Admission.Validation;

/// <summary>
/// Admits or denies changes of one entity. Override the asynchronous or the synchronous form; the default admits.
/// </summary>
[ApiController]
public abstract class ValidationWebhook<TEntity> : ControllerBase
    where TEntity : IKubernetesObject<V1ObjectMeta>
{
    /// <summary>Judges a creation.</summary>
    [NonAction]
    public virtual Task<ValidationResult> CreateAsync(
        TEntity entity,
        bool dryRun,
        CancellationToken cancellationToken
    ) => Task.FromResult(Create(entity, dryRun));

    /// <summary>Judges a creation.</summary>
    [NonAction]
    public virtual ValidationResult Create(TEntity entity, bool dryRun) => Success();

    /// <summary>Judges a change.</summary>
    [NonAction]
    public virtual Task<ValidationResult> UpdateAsync(
        TEntity oldEntity,
        TEntity newEntity,
        bool dryRun,
        CancellationToken cancellationToken
    ) => Task.FromResult(Update(oldEntity, newEntity, dryRun));

    /// <summary>Judges a change.</summary>
    [NonAction]
    public virtual ValidationResult Update(TEntity oldEntity, TEntity newEntity, bool dryRun) => Success();

    /// <summary>Judges a deletion.</summary>
    [NonAction]
    public virtual Task<ValidationResult> DeleteAsync(
        TEntity entity,
        bool dryRun,
        CancellationToken cancellationToken
    ) => Task.FromResult(Delete(entity, dryRun));

    /// <summary>Judges a deletion.</summary>
    [NonAction]
    public virtual ValidationResult Delete(TEntity entity, bool dryRun) => Success();

    /// <summary>Answers the API server.</summary>
    [HttpPost]
    public async Task<IActionResult> Validate(
        [ModelBinder(typeof(KubernetesJsonBinding))] AdmissionRequest<TEntity> request,
        CancellationToken cancellationToken
    )
    {
        var data = request.Request;
        AdmissionResponse.Remember(HttpContext, data.Uid);
        return (data.Operation, data.Object, data.OldObject) switch
        {
            ("CREATE", { } entity, _) => await CreateAsync(entity, data.DryRun, cancellationToken),
            ("UPDATE", { } entity, { } old) => await UpdateAsync(old, entity, data.DryRun, cancellationToken),
            ("DELETE", _, { } old) => await DeleteAsync(old, data.DryRun, cancellationToken),
            _ => Fail(
                $"The operation {data.Operation} with these objects is not supported.",
                AdmissionResponse.DenialCode
            ),
        };
    }

    /// <summary>Admits.</summary>
    [NonAction]
    protected ValidationResult Success(params string[] warnings) => new() { Warnings = warnings };

    /// <summary>Denies without a reason, with code 422.</summary>
    [NonAction]
    protected ValidationResult Fail() =>
        new(Valid: false) { Status = new AdmissionStatus(string.Empty, AdmissionResponse.DenialCode) };

    /// <summary>Denies with code 422.</summary>
    [NonAction]
    protected ValidationResult Fail(string reason) => Fail(reason, AdmissionResponse.DenialCode);

    /// <summary>Denies with the code that the user's client shall receive.</summary>
    [NonAction]
    protected ValidationResult Fail(string reason, int statusCode) =>
        new(Valid: false) { Status = new AdmissionStatus(reason, statusCode) };
}
