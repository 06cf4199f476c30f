using Granary.Api.AppCatalog.V1Alpha1;
using Granary.Api.Common;
using Granary.Api.Names;

namespace Granary.Metrics;

/// <summary>Labels of the series of one invoker. Source: stash-behaviour §5.3.</summary>
/// <param name="InvokerKind">Kind of the invoker, or RestoreSession.</param>
/// <param name="InvokerName">Its name.</param>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Driver">What moves the data, see <see cref="Drivers"/>.</param>
/// <param name="Repository">Name of the Repository.</param>
/// <param name="Extra">The administrator's labels; they replace none of ours.</param>
public sealed record MetricLabels(
    string InvokerKind,
    string InvokerName,
    string Namespace,
    string Driver,
    string Repository,
    IReadOnlyList<KeyValuePair<string, string>> Extra
)
{
    /// <summary>By what the Pushgateway groups the invoker's series.</summary>
    public MetricGroup Group => new(InvokerKind, Namespace, InvokerName);

    /// <summary>Reads <c>key=value</c> labels, separated by commas; other words are left out.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> ParseExtra(IEnumerable<string> labels) =>
        [
            .. labels
                .SelectMany(label =>
                    label.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                )
                .Select(label => label.Split('=', 2))
                .Where(parts => parts.Length == 2)
                .Select(parts => KeyValuePair.Create(parts[0], parts[1])),
        ];

    /// <summary>Labels that every series has.</summary>
    public Dictionary<string, string> Base() => With([]);

    /// <summary>Labels of a target's series.</summary>
    /// <param name="target">The target.</param>
    /// <param name="appBinding">The target itself; null when it is gone, then kind and group are left out.</param>
    public Dictionary<string, string> OfTarget(TargetRef? target, AppBinding? appBinding) =>
        With(TargetLabels(target, appBinding));

    /// <summary>Labels of a host's series.</summary>
    /// <param name="target">The target.</param>
    /// <param name="appBinding">The target itself; null when it is gone, then kind and group are left out.</param>
    /// <param name="hostname">The host.</param>
    public Dictionary<string, string> OfHost(TargetRef? target, AppBinding? appBinding, string hostname) =>
        With([.. TargetLabels(target, appBinding), new("hostname", hostname)]);

    /// <summary>Labels of the Repository's series.</summary>
    /// <param name="namespace">Namespace of the Repository.</param>
    /// <param name="location">Where it is.</param>
    public Dictionary<string, string> OfRepository(string @namespace, BackendLocation location) =>
        With([
            new("name", Repository),
            new("namespace", @namespace),
            new("backend", location.Provider),
            new("bucket", location.Bucket),
            new("prefix", location.Prefix),
        ]);

    private Dictionary<string, string> With(IReadOnlyList<KeyValuePair<string, string>> own)
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["invoker_kind"] = InvokerKind,
            ["invoker_name"] = InvokerName,
            ["namespace"] = Namespace,
            ["driver"] = Driver,
            ["repository"] = Repository,
        };
        foreach (var (key, value) in own)
        {
            labels[key] = value;
        }

        foreach (var (key, value) in Extra)
        {
            labels.TryAdd(key, value);
        }

        return labels;
    }

    /// <summary>
    /// Kind and group are the application's, from <c>spec.type</c>; without one they are the AppBinding's own.
    /// </summary>
    private static List<KeyValuePair<string, string>> TargetLabels(TargetRef? target, AppBinding? appBinding)
    {
        var labels = new List<KeyValuePair<string, string>> { new("name", target?.Name ?? "") };
        if (appBinding is not null)
        {
            var type = AppType.Of(appBinding);
            var isUntyped = type is { Group: "", Resource: "" };
            labels.Add(new("kind", isUntyped ? "appbindings" : type.Resource));
            labels.Add(new("group", isUntyped ? Kinds.AppCatalogGroup : type.Group));
        }

        return labels;
    }
}
