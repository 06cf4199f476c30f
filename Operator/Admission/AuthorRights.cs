using Granary.Api.Validation;
using Granary.Api.Validation.Shaping;
using Granary.Operator.Cluster;
using k8s.Autorest;
using k8s.Models;
using KubeOps.Abstractions.Rbac;
using KubeOps.KubernetesClient;

namespace Granary.Operator.Admission;

/// <summary>
/// Asks the API server whether the author of an object may do what the object has the operator do: the operator makes
/// Pods with rights of its own, and must not lend them.
/// </summary>
[GenericRbac(Groups = ["authorization.k8s.io"], Resources = ["subjectaccessreviews"], Verbs = RbacVerb.Create)]
public sealed class AuthorRights(IKubernetesClient client)
{
    /// <summary>Why the author may not say what these fields say; null when the author may.</summary>
    /// <remarks>What cannot be found out is refused: nothing that comes later asks again.</remarks>
    internal async Task<string?> DenialAsync(
        Requester author,
        string @namespace,
        IReadOnlyList<ShapingField> fields,
        CancellationToken cancellationToken
    )
    {
        var denials = new List<string>();
        foreach (var right in fields.SelectMany(field => field.Needs).Distinct().ToList())
        {
            var paths = string.Join(", ", fields.Where(field => field.Needs.Contains(right)).Select(one => one.Path));
            try
            {
                if (!await HasAsync(author, @namespace, right, cancellationToken))
                {
                    denials.Add(
                        $"{paths}: Forbidden: shapes Pods or what runs in them, and user \"{author.Name}\" lacks the "
                            + $"right to {right} in namespace {@namespace}"
                    );
                }
            }
            catch (HttpOperationException e)
            {
                denials.Add(
                    $"{paths}: Forbidden: the API server cannot say whether user \"{author.Name}\" may {right} in "
                        + $"namespace {@namespace} ({ApiFailure.Describe(e)}); try again"
                );
            }
        }

        return denials.Count == 0 ? null : string.Join("; ", denials);
    }

    private async Task<bool> HasAsync(
        Requester author,
        string @namespace,
        CreateRight right,
        CancellationToken cancellationToken
    )
    {
        if (author.Name.Length == 0)
        {
            return false;
        }

        var review = await client.CreateAsync(
            new V1SubjectAccessReview
            {
                ApiVersion = $"{V1SubjectAccessReview.KubeGroup}/{V1SubjectAccessReview.KubeApiVersion}",
                Kind = V1SubjectAccessReview.KubeKind,
                Metadata = new V1ObjectMeta(),
                Spec = new V1SubjectAccessReviewSpec
                {
                    User = author.Name,
                    Uid = author.Uid,
                    Groups = [.. author.Groups],
                    Extra = author.Extra,
                    ResourceAttributes = new V1ResourceAttributes
                    {
                        NamespaceProperty = @namespace,
                        Verb = "create",
                        Group = "",
                        Resource = right.Resource,
                        Subresource = right.Subresource,
                    },
                },
            },
            cancellationToken
        );
        return review.Status is { Allowed: true } and not { Denied: true };
    }
}
