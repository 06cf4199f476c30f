using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Json;

namespace Granary.DevCluster.Api.PodSecurity;

/// <summary>A Pod's specification as the checks look at it, and the phrases that they share.</summary>
internal sealed class PodSubject(JsonObject spec)
{
    public JsonObject Spec => spec;

    /// <summary>The Pod's own security context.</summary>
    public JsonObject? Security { get; } = spec.ObjectAt("securityContext");

    /// <summary>Init containers first.</summary>
    public IReadOnlyList<JsonObject> Containers { get; } =
    [
        .. spec.ArrayAt("initContainers").Objects(),
        .. spec.ArrayAt("containers").Objects(),
        .. spec.ArrayAt("ephemeralContainers").Objects(),
    ];

    /// <summary>Names of the containers whose security context has a property.</summary>
    public string[] Where(Func<JsonObject?, bool> found) =>
        [.. Containers.Where(c => found(c.ObjectAt("securityContext"))).Select(Name)];

    public static string Name(JsonObject container) => container.TextAt("name") ?? string.Empty;

    public static string Quoted(IEnumerable<string> names) => string.Join(", ", names.Select(n => $"\"{n}\""));

    /// <summary><c>container "a"</c> or <c>containers "a", "b"</c>.</summary>
    public static string Named(IReadOnlyCollection<string> names) =>
        $"{(names.Count == 1 ? "container" : "containers")} {Quoted(names)}";

    /// <summary><c>pod and container "a"</c>, or one of them alone; null for neither.</summary>
    public static string? Setters(bool pod, IReadOnlyCollection<string> names)
    {
        var parts = new List<string>();
        if (pod)
        {
            parts.Add("pod");
        }

        if (names.Count > 0)
        {
            parts.Add(Named(names));
        }

        return parts.Count == 0 ? null : string.Join(" and ", parts);
    }
}
