using System.Security.Cryptography;
using System.Text;
using k8s;
using k8s.Models;
using KubeOps.Abstractions.Builder;
using KubeOps.Abstractions.Entities;
using KubeOps.Abstractions.Events;
using KubeOps.KubernetesClient;

namespace KubeOps.Operator.Events;

/// <summary>Makes events whose name is a hash of what they say, so that the same event again finds itself.</summary>
public sealed class KubeOpsEventResourceFactory(OperatorSettings settings, TimeProvider time) : IEventResourceFactory
{
    /// <inheritdoc />
    public Corev1Event CreateEvent(
        IKubernetesObject<V1ObjectMeta> entity,
        string reason,
        string message,
        EventType type
    )
    {
        var @namespace = entity.Namespace() ?? "default";
        var originalName = $"{entity.Uid()}.{entity.Name()}.{@namespace}.{reason}.{message}.{type}";
        var now = time.GetUtcNow().UtcDateTime;
        return new Corev1Event
        {
            ApiVersion = "v1",
            Kind = "Event",
            Metadata = new V1ObjectMeta
            {
                Name = Convert.ToHexStringLower(SHA512.HashData(Encoding.UTF8.GetBytes(originalName))),
                NamespaceProperty = @namespace,
                Annotations = new Dictionary<string, string>
                {
                    ["originalName"] = originalName,
                    ["nameHash"] = "sha512",
                    ["nameEncoding"] = "Hex String",
                },
            },
            Type = type.ToString(),
            Reason = reason,
            Message = message,
            ReportingComponent = settings.Name,
            ReportingInstance = Environment.MachineName,
            Source = new V1EventSource { Component = settings.Name },
            InvolvedObject = Reference(entity),
            FirstTimestamp = now,
            LastTimestamp = now,
            Count = 1,
        };
    }

    private static V1ObjectReference Reference(IKubernetesObject<V1ObjectMeta> entity)
    {
        var reference = entity.MakeObjectReference();
        if (reference.Kind is null && entity.GetKubernetesEntityAttribute() is not null)
        {
            // Built-in objects that were made with new() do not know what they are.
            var identity = ResourceIdentity.Of(entity.GetType());
            reference.ApiVersion = identity.ApiVersion;
            reference.Kind = identity.Kind;
        }

        return reference;
    }
}
