using System.Text;
using k8s;
using k8s.Models;
using Microsoft.AspNetCore.Mvc;

namespace KubeOps.Operator.Web.Webhooks.Admission.Mutation;

/// <summary>Whether a request is admitted, and how its object is changed.</summary>
/// <param name="ModifiedObject">The object as it shall be; null changes nothing.</param>
public sealed record MutationResult<TEntity>(TEntity? ModifiedObject = default) : IActionResult
    where TEntity : IKubernetesObject<V1ObjectMeta>
{
    private const string JsonPatchType = "JSONPatch";

    /// <summary>Whether the request is admitted.</summary>
    public bool Valid { get; init; } = true;

    /// <summary>Why it is denied.</summary>
    public AdmissionStatus? Status { get; init; }

    /// <summary>What the user is warned of, also when the request is admitted.</summary>
    public IList<string> Warnings { get; init; } = [];

    /// <summary>
    /// The object before the webhook touched it, as JSON: the webhook may have changed the very instance.
    /// </summary>
    internal string? Original { get; init; }

    /// <inheritdoc />
    public Task ExecuteResultAsync(ActionContext context) => AdmissionResponse.WriteAsync(context.HttpContext, Respond);

    private AdmissionResponseData Respond(string uid)
    {
        if (!Valid || ModifiedObject is null || Original is null)
        {
            return new AdmissionResponseData(uid, Valid, Status, Warnings);
        }

        var patch = JsonDiff.Between(Original, KubernetesJson.Serialize(ModifiedObject));
        return patch.Count == 0
            ? new AdmissionResponseData(uid, Valid, Status, Warnings)
            : new AdmissionResponseData(
                uid,
                Valid,
                Status,
                Warnings,
                Convert.ToBase64String(Encoding.UTF8.GetBytes(patch.ToJsonString())),
                JsonPatchType
            );
    }
}
