using Granary.Api.AppCatalog.V1Alpha1;
using Granary.Api.Common;

namespace Granary.Worker.Metrics;

/// <summary>Labels of metrics. Source: stash-behaviour §5.3.</summary>
/// <param name="InvokerKind">Kind of the invoker, or RestoreSession.</param>
/// <param name="InvokerName">Its name.</param>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Driver">Restic.</param>
/// <param name="Repository">Name of the Repository.</param>
/// <param name="Extra">Further <c>k=v</c> labels.</param>
internal sealed record MetricLabels(
    string InvokerKind,
    string InvokerName,
    string Namespace,
    string Driver,
    string Repository,
    IReadOnlyList<KeyValuePair<string, string>> Extra
)
{
    /// <summary>Labels that every series has.</summary>
    public Dictionary<string, string> Base()
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["invoker_kind"] = InvokerKind,
            ["invoker_name"] = InvokerName,
            ["namespace"] = Namespace,
            ["driver"] = Driver,
            ["repository"] = Repository,
        };
        foreach (var (key, value) in Extra)
        {
            labels.TryAdd(key, value);
        }

        return labels;
    }

    /// <summary>Labels of a host's series.</summary>
    /// <param name="target">The target.</param>
    /// <param name="appBinding">The target itself; null when it is gone, then kind and group are left out.</param>
    /// <param name="hostname">The host.</param>
    public Dictionary<string, string> OfHost(TargetRef target, AppBinding? appBinding, string hostname)
    {
        var labels = Base();
        labels["name"] = target.Name ?? "";
        labels["hostname"] = hostname;
        if (appBinding is not null)
        {
            var type = appBinding.Spec.Type ?? "";
            var slash = type.LastIndexOf('/');
            (labels["group"], labels["kind"]) =
                type.Length == 0
                    ? ("appcatalog.appscode.com", "appbindings")
                    : (slash < 0 ? "" : type[..slash], type[(slash + 1)..]);
        }

        return labels;
    }

    /// <summary>Labels of the Repository's series.</summary>
    /// <param name="namespace">Namespace of the Repository.</param>
    /// <param name="location">Where it is.</param>
    public Dictionary<string, string> OfRepository(string @namespace, BackendLocation location)
    {
        var labels = Base();
        labels["name"] = Repository;
        labels["namespace"] = @namespace;
        labels["backend"] = location.Provider;
        labels["bucket"] = location.Bucket;
        labels["prefix"] = location.Prefix;
        return labels;
    }
}
