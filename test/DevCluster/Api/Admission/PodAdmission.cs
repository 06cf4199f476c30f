using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Errors;
using Granary.DevCluster.Api.Json;
using Granary.DevCluster.Api.Storage;

namespace Granary.DevCluster.Api.Admission;

/// <summary>What admission writes into new pods: service account and its token, priority, tolerations.</summary>
internal sealed class PodAdmission(ApiCore core) : IAdmissionRule
{
    private const string TokenPath = "/var/run/secrets/kubernetes.io/serviceaccount";

    /// <summary>An hour and seven seconds: the mark of tokens that admission asked for.</summary>
    private const int TokenSeconds = 3607;

    private const int TolerationSeconds = 300;

    public ValueTask MutateAsync(AdmissionAttempt attempt, CancellationToken cancellationToken)
    {
        if (
            attempt is { Operation: "CREATE", Subresource: "", Object: { } pod }
            && attempt.Request.Resource is { Plural: "pods", Group: "" }
        )
        {
            var spec = pod.Child("spec");
            AddServiceAccount(attempt, spec);
            AddPriority(attempt, spec);
            AddTolerations(spec);
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask ValidateAsync(AdmissionAttempt attempt, CancellationToken cancellationToken) =>
        ValueTask.CompletedTask;

    private void AddServiceAccount(AdmissionAttempt attempt, JsonObject spec)
    {
        var name = spec.TextAt("serviceAccountName") is { Length: > 0 } given ? given : "default";
        spec["serviceAccountName"] = name;
        spec["serviceAccount"] = name;
        var account = core.Store.Get("serviceaccounts", attempt.Namespace, name)
            ?? throw ApiErrors.Forbidden(
                attempt.Request.Resource,
                attempt.Name,
                $"error looking up service account {attempt.Namespace}/{name}: serviceaccount \"{name}\" not found"
            );
        if (spec["imagePullSecrets"] is null && account.Value.ArrayAt("imagePullSecrets") is { Count: > 0 } secrets)
        {
            spec["imagePullSecrets"] = secrets.DeepClone();
        }

        var wanted =
            (spec["automountServiceAccountToken"] ?? account.Value["automountServiceAccountToken"])
                is not JsonValue automount
            || automount.GetValue<bool>();
        if (!wanted)
        {
            return;
        }

        var volume = "kube-api-access-" + ApiCore.Suffix();
        var mounted = false;
        foreach (var list in (string[])["initContainers", "containers"])
        {
            foreach (var container in spec.ArrayAt(list).Objects())
            {
                if (container.ArrayAt("volumeMounts").Objects().Any(m => m.TextAt("mountPath") == TokenPath))
                {
                    continue;
                }

                var mount = new JsonObject
                {
                    ["name"] = volume,
                    ["readOnly"] = true,
                    ["mountPath"] = TokenPath,
                };
                container.List("volumeMounts").Add((JsonNode)mount);
                mounted = true;
            }
        }

        if (mounted)
        {
            spec.List("volumes").Add((JsonNode)TokenVolume(volume));
        }
    }

    private static JsonObject TokenVolume(string name) =>
        new()
        {
            ["name"] = name,
            ["projected"] = new JsonObject
            {
                ["sources"] = new JsonArray(
                    new JsonObject
                    {
                        ["serviceAccountToken"] = new JsonObject
                        {
                            ["expirationSeconds"] = TokenSeconds,
                            ["path"] = "token",
                        },
                    },
                    FileOf("kube-root-ca.crt", "ca.crt"),
                    new JsonObject
                    {
                        ["downwardAPI"] = new JsonObject
                        {
                            ["items"] = new JsonArray(
                                new JsonObject
                                {
                                    ["path"] = "namespace",
                                    ["fieldRef"] = new JsonObject
                                    {
                                        ["apiVersion"] = "v1",
                                        ["fieldPath"] = "metadata.namespace",
                                    },
                                }
                            ),
                        },
                    },
                    FileOf("openshift-service-ca.crt", "service-ca.crt")
                ),
                ["defaultMode"] = 420,
            },
        };

    private static JsonObject FileOf(string configMap, string key) =>
        new()
        {
            ["configMap"] = new JsonObject
            {
                ["name"] = configMap,
                ["items"] = new JsonArray(new JsonObject { ["key"] = key, ["path"] = key }),
            },
        };

    private void AddPriority(AdmissionAttempt attempt, JsonObject spec)
    {
        var name = spec.TextAt("priorityClassName");
        if (string.IsNullOrEmpty(name))
        {
            spec.Default("priority", 0);
            spec.Default("preemptionPolicy", "PreemptLowerPriority");
            return;
        }

        var priorityClass = core.Store.Get("priorityclasses.scheduling.k8s.io", string.Empty, name)
            ?? throw ApiErrors.Forbidden(
                attempt.Request.Resource,
                attempt.Name,
                $"no PriorityClass with name {name} was found"
            );
        spec["priority"] = priorityClass.Value["value"]?.DeepClone() ?? 0;
        spec["preemptionPolicy"] = priorityClass.Value.TextAt("preemptionPolicy") ?? "PreemptLowerPriority";
    }

    private static void AddTolerations(JsonObject spec)
    {
        var tolerations = spec.List("tolerations");
        foreach (var key in (string[])["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"])
        {
            if (!tolerations.Objects().Any(t => t.TextAt("key") is null or "" || t.TextAt("key") == key))
            {
                tolerations.Add(
                    (JsonNode)
                        new JsonObject
                        {
                            ["key"] = key,
                            ["operator"] = "Exists",
                            ["effect"] = "NoExecute",
                            ["tolerationSeconds"] = TolerationSeconds,
                        }
                );
            }
        }
    }
}
