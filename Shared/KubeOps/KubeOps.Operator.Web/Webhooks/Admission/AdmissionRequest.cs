using System.Text.Json.Serialization;
using k8s;
using k8s.Models;
using Microsoft.AspNetCore.Mvc.ModelBinding.Validation;

namespace KubeOps.Operator.Web.Webhooks.Admission;

/// <summary>What the API server asks a webhook.</summary>
/// <remarks>
/// MVC must not validate the objects: a null that C# forbids would be answered 400 instead of by the webhook.
/// </remarks>
[ValidateNever]
public sealed class AdmissionRequest<TEntity> : AdmissionReview
    where TEntity : IKubernetesObject<V1ObjectMeta>
{
    /// <summary>The question.</summary>
    [JsonPropertyName("request")]
    public AdmissionRequestData<TEntity> Request { get; init; } = new();
}

/// <summary>The part of the question that webhooks use.</summary>
[ValidateNever]
public sealed class AdmissionRequestData<TEntity>
    where TEntity : IKubernetesObject<V1ObjectMeta>
{
    /// <summary>Identifies the question; the answer repeats it.</summary>
    [JsonPropertyName("uid")]
    public string Uid { get; init; } = string.Empty;

    /// <summary>CREATE, UPDATE, DELETE or CONNECT.</summary>
    [JsonPropertyName("operation")]
    public string Operation { get; init; } = string.Empty;

    /// <summary>The object as it would be stored; null for a deletion.</summary>
    [JsonPropertyName("object")]
    public TEntity? Object { get; init; }

    /// <summary>The object as it is stored; null for a creation.</summary>
    [JsonPropertyName("oldObject")]
    public TEntity? OldObject { get; init; }

    /// <summary>Whether nothing will be stored.</summary>
    [JsonPropertyName("dryRun")]
    public bool DryRun { get; init; }
}
