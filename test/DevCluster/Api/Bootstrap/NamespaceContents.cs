using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Json;
using Granary.DevCluster.Api.Storage;

namespace Granary.DevCluster.Api.Bootstrap;

/// <summary>What every namespace has: a default service account and the authority's certificate.</summary>
internal sealed class NamespaceContents(ApiCore core, string authorityPem)
{
    public void OnStored(string resource, StoredChange change)
    {
        switch (resource)
        {
            case "namespaces" when change.Type == ChangeType.Added:
                Fill(change.Object.Name);
                break;
            case "serviceaccounts"
            or "configmaps" when change.Type == ChangeType.Deleted && IsActive(change.Object.Namespace):
                Fill(change.Object.Namespace);
                break;
            default:
                break;
        }
    }

    private bool IsActive(string ns) =>
        core.Store.Get("namespaces", string.Empty, ns) is { } found
        && found.Value.TextAt("metadata", "deletionTimestamp") is null;

    private void Fill(string ns)
    {
        Add("serviceaccounts", "ServiceAccount", ns, "default", new JsonObject());
        Add(
            "configmaps",
            "ConfigMap",
            ns,
            "kube-root-ca.crt",
            new JsonObject
            {
                ["metadata"] = new JsonObject
                {
                    ["annotations"] = new JsonObject
                    {
                        ["kubernetes.io/description"] =
                            "Contains a CA bundle that can be used to verify the kube-apiserver when using internal "
                            + "endpoints "
                            + "such as the internal service IP or kubernetes.default.svc. No other usage is "
                            + "guaranteed across "
                            + "distributions of Kubernetes clusters.",
                    },
                },
                ["data"] = new JsonObject { ["ca.crt"] = authorityPem },
            }
        );

        // The control plane of the recordings has this one too, and puts it into the token volume of pods.
        Add(
            "configmaps",
            "ConfigMap",
            ns,
            "openshift-service-ca.crt",
            new JsonObject
            {
                ["metadata"] = new JsonObject
                {
                    ["annotations"] = new JsonObject { ["service.beta.openshift.io/inject-cabundle"] = "true" },
                },
                ["data"] = new JsonObject { ["service-ca.crt"] = authorityPem },
            }
        );
    }

    private void Add(string resource, string kind, string ns, string name, JsonObject value)
    {
        value["kind"] = kind;
        value["apiVersion"] = "v1";
        var metadata = value.Child("metadata");
        metadata["name"] = name;
        metadata["namespace"] = ns;
        metadata["uid"] = ApiCore.NewUid();
        metadata["creationTimestamp"] = core.Now();
        core.Store.Create(resource, ns, name, value);
    }
}
