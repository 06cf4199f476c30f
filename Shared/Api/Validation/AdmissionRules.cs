using System.Text.Json.Nodes;
using FluentValidation;
using FluentValidation.Results;
using Granary.Api.AppCatalog.V1Alpha1;
using Granary.Api.Names;
using Granary.Api.Stash.V1Alpha1;
using Granary.Api.Stash.V1Beta1;
using k8s;
using k8s.Models;

namespace Granary.Api.Validation;

/// <summary>What is admitted when an object is created or changed, as far as the object itself tells.</summary>
/// <remarks>
/// A change always passes when the object is being deleted (its finalizers have to go) and when the spec stays
/// (labels and finalizers of an object that was admitted under older rules stay editable).
/// </remarks>
public static class AdmissionRules
{
    private static readonly RepositoryValidator RepositoryValidator = new();
    private static readonly BackupConfigurationValidator BackupConfigurationValidator = new();
    private static readonly BackupSessionValidator BackupSessionValidator = new();
    private static readonly RestoreSessionValidator RestoreSessionValidator = new();
    private static readonly AppBindingValidator AppBindingValidator = new();

    /// <summary>Rules for a new Repository.</summary>
    public static ValidationResult Create(Repository created) => RepositoryValidator.Validate(created);

    /// <summary>Rules for a new BackupConfiguration.</summary>
    public static ValidationResult Create(BackupConfiguration created) =>
        BackupConfigurationValidator.Validate(created);

    /// <summary>Rules for a new BackupSession.</summary>
    public static ValidationResult Create(BackupSession created) => BackupSessionValidator.Validate(created);

    /// <summary>Rules for a new RestoreSession.</summary>
    public static ValidationResult Create(RestoreSession created) => RestoreSessionValidator.Validate(created);

    /// <summary>Rules for a new AppBinding.</summary>
    public static ValidationResult Create(AppBinding created) => AppBindingValidator.Validate(created);

    /// <summary>Rules for a changed Repository.</summary>
    public static ValidationResult Update(Repository old, Repository changed) =>
        Update(old, changed, RepositoryValidator);

    /// <summary>Rules for a changed BackupConfiguration: the target stays while the object is Ready.</summary>
    public static ValidationResult Update(BackupConfiguration old, BackupConfiguration changed)
    {
        var result = Update(old, changed, BackupConfigurationValidator);
        if (
            !IsBeingDeleted(changed)
            && old.Status.Phase == InvokerPhase.Ready
            && !AreEqual(old.Spec.Target, changed.Spec.Target)
        )
        {
            result.Errors.Add(new("spec.target", "Forbidden: the target cannot change while the phase is Ready"));
        }

        return result;
    }

    /// <summary>Rules for a changed BackupSession.</summary>
    public static ValidationResult Update(BackupSession old, BackupSession changed) =>
        Update(old, changed, BackupSessionValidator);

    /// <summary>Rules for a changed RestoreSession: its spec never changes.</summary>
    public static ValidationResult Update(RestoreSession old, RestoreSession changed) =>
        IsBeingDeleted(changed) || AreEqual(old.Spec, changed.Spec)
            ? new ValidationResult()
            : new ValidationResult([
                new ValidationFailure(
                    "spec",
                    "Forbidden: a RestoreSession runs once and cannot change; create another one"
                ),
            ]);

    /// <summary>Rules for a changed AppBinding.</summary>
    public static ValidationResult Update(AppBinding old, AppBinding changed) =>
        Update(old, changed, AppBindingValidator);

    private static ValidationResult Update<TEntity>(TEntity old, TEntity changed, IValidator<TEntity> validator)
        where TEntity : IKubernetesObject<V1ObjectMeta> =>
        IsBeingDeleted(changed) || AreEqual(SpecOf(old), SpecOf(changed)) ? new() : validator.Validate(changed);

    private static bool IsBeingDeleted(IKubernetesObject<V1ObjectMeta> entity) =>
        entity.Metadata?.DeletionTimestamp is not null;

    private static object? SpecOf(IKubernetesObject<V1ObjectMeta> entity) =>
        entity switch
        {
            Repository repository => repository.Spec,
            BackupConfiguration configuration => configuration.Spec,
            BackupSession session => session.Spec,
            AppBinding binding => binding.Spec,
            _ => throw new ArgumentException($"No rules for {entity.GetType().Name}.", nameof(entity)),
        };

    /// <summary>Compares by what would be stored, in which absent and null are the same.</summary>
    private static bool AreEqual(object? left, object? right) => JsonNode.DeepEquals(Json(left), Json(right));

    private static JsonNode? Json(object? value) =>
        value is null ? null : JsonNode.Parse(KubernetesJson.Serialize(value));
}
