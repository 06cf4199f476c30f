using System.Text.Json.Nodes;
using FluentValidation.Results;
using Granary.Api.Common;
using Granary.Api.Stash.V1Beta1;
using Granary.Api.Validation;
using Granary.Operator.Cluster;
using Granary.Operator.Invokers;
using k8s;
using k8s.Autorest;
using k8s.Models;
using KubeOps.KubernetesClient;

namespace Granary.Operator.Admission;

/// <summary>What admission says about one object.</summary>
/// <param name="Denial">Why it is refused, with the path of each field; null when it is admitted.</param>
/// <param name="Warnings">What the user should know; shown by kubectl.</param>
public sealed record Verdict(string? Denial, IReadOnlyList<string> Warnings)
{
    /// <summary>Code of the answer to a request that breaks a rule.</summary>
    public const int Unprocessable = 422;

    /// <summary>Code of the answer to a request whose author lacks a right.</summary>
    public const int Forbidden = 403;

    internal static readonly Verdict Admitted = new(null, []);

    internal static Verdict Of(ValidationResult result) => new(result.IsValid ? null : result.Describe(), []);
}

/// <summary>The rules of admission that need a look at other objects.</summary>
/// <remarks>
/// What is missing is a warning only: GitOps applies in any order, and the controllers wait for it. A breach of a usage
/// policy is a denial. What the API server cannot tell right now is admitted; the controllers check everything again.
/// </remarks>
public sealed class ReferenceChecks(IKubernetesClient client)
{
    private readonly References _references = new(client);

    /// <summary>Judges a BackupConfiguration that has passed the rules for the object itself.</summary>
    public async Task<Verdict> JudgeAsync(
        ValidationResult result,
        BackupConfiguration entity,
        CancellationToken cancellationToken
    )
    {
        var invoker = BackupInvoker.Of(entity);
        return result.IsValid
            ? await JudgeAsync(
                invoker.Namespace,
                invoker.Repository,
                [.. invoker.Members.Select(member => member.Target)],
                UnsupportedFeatures.Of(entity),
                cancellationToken
            )
            : Verdict.Of(result);
    }

    /// <summary>Judges a RestoreSession that has passed the rules for the object itself.</summary>
    public async Task<Verdict> JudgeAsync(
        ValidationResult result,
        RestoreSession entity,
        CancellationToken cancellationToken
    )
    {
        var invoker = RestoreInvoker.Of(entity);
        return result.IsValid
            ? await JudgeAsync(
                invoker.Namespace,
                invoker.Repository,
                [.. invoker.Members.Select(member => member.Target)],
                UnsupportedFeatures.Of(entity),
                cancellationToken
            )
            : Verdict.Of(result);
    }

    /// <summary>Warns of Secrets that do not exist yet.</summary>
    /// <param name="secrets">Field path and name of each.</param>
    public async Task<IReadOnlyList<string>> MissingSecretsAsync(
        string @namespace,
        IEnumerable<(string Path, string? Name)> secrets,
        CancellationToken cancellationToken
    )
    {
        var warnings = new List<string>();
        foreach (var (path, name) in secrets)
        {
            if (
                name is { Length: > 0 }
                && (await _references.FindAsync<V1Secret>(name, @namespace, cancellationToken)).Lookup
                    is { Finding: Finding.Missing } lookup
            )
            {
                warnings.Add($"{path}: {lookup.Message}");
            }
        }

        return warnings;
    }

    /// <summary>Whether a change concerns the specification; labels and finalizers are admitted unseen.</summary>
    internal static bool ChangesSpec<TEntity>(TEntity old, TEntity changed)
        where TEntity : IKubernetesObject<V1ObjectMeta> =>
        changed.Metadata.DeletionTimestamp is null && !JsonNode.DeepEquals(Spec(old), Spec(changed));

    private static JsonNode? Spec<TEntity>(TEntity entity) => JsonNode.Parse(KubernetesJson.Serialize(entity))?["spec"];

    private async Task<Verdict> JudgeAsync(
        string ownNamespace,
        ObjectReference repository,
        IReadOnlyList<TargetRef> targets,
        IReadOnlyList<ValidationFailure> unsupported,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var found = (
                await _references.ReadAsync(ownNamespace, repository, targets, [], cancellationToken)
            ).Prerequisites;
            var warnings = unsupported.Select(failure => $"{failure.PropertyName}: {failure.ErrorMessage}").ToList();
            Warn("spec.repository", found.Repository);
            if (found.Repository.IsFound)
            {
                Warn("spec.repository", found.Secret);
            }

            Warn("spec.target.ref", found.Target);
            return new Verdict(found.Problems.Count == 0 ? null : string.Join("; ", found.Problems), warnings);

            void Warn(string path, Lookup lookup)
            {
                if (lookup.Finding == Finding.Missing)
                {
                    warnings.Add($"{path}: {lookup.Message} Nothing runs until it does.");
                }
            }
        }
        catch (HttpOperationException)
        {
            return new Verdict(null, []);
        }
    }
}
