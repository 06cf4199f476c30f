using System.Globalization;
using System.Text.Json.Nodes;
using Granary.Api.Stash.V1Alpha1;
using Granary.Api.Stash.V1Beta1;
using k8s;
using k8s.Models;

namespace Granary.Api.Validation.Shaping;

/// <summary>A right to create something in the object's own namespace.</summary>
/// <param name="Resource">Plural of the resource, in the core group.</param>
/// <param name="Subresource">Null for the resource itself.</param>
public sealed record CreateRight(string Resource, string? Subresource = null)
{
    /// <summary>The right as <c>kubectl auth can-i</c> takes it.</summary>
    public override string ToString() =>
        Subresource is null ? $"create {Resource}" : $"create {Resource}/{Subresource}";
}

/// <summary>A field that decides what Pods look like or what runs in them.</summary>
/// <param name="Path">Path of the field in the object.</param>
/// <param name="Value">What it says, for the comparison with an older form of the object.</param>
/// <param name="Needs">What its author could do without Granary only with these rights.</param>
public sealed record ShapingField(string Path, JsonNode Value, IReadOnlyList<CreateRight> Needs);

/// <summary>
/// Finds the fields through which an author shapes Pods that the operator makes, with rights that the author may lack.
/// </summary>
/// <remarks>
/// The rule names what is harmless (resources, niceness, plain environment variables) and takes everything else for
/// shaping, so that a field that Kubernetes adds is not forgotten. Fields of the empty value shape nothing.
/// </remarks>
public static class ShapingFields
{
    private static readonly CreateRight Pods = new("pods");
    private static readonly CreateRight Exec = new("pods", "exec");
    private static readonly CreateRight Claims = new("persistentvolumeclaims");

    private static readonly string[] HarmlessForContainers = ["resources", "nice", "ionice"];
    private static readonly string[] HarmlessForBackends = ["mountPath", "subPath"];
    private static readonly string[] HarmlessSources = ["fieldRef", "resourceFieldRef"];

    /// <summary>
    /// The shaping fields of a BackupConfiguration, RestoreSession or Repository; none for other kinds.
    /// </summary>
    public static IReadOnlyList<ShapingField> Of(IKubernetesObject<V1ObjectMeta> entity)
    {
        if (
            entity is not (BackupConfiguration or RestoreSession or Repository)
            || JsonNode.Parse(KubernetesJson.Serialize(entity))?["spec"] is not JsonObject spec
        )
        {
            return [];
        }

        return
        [
            .. Given(spec["runtimeSettings"]?["pod"], "spec.runtimeSettings.pod", [Pods], []),
            .. Given(
                spec["runtimeSettings"]?["container"],
                "spec.runtimeSettings.container",
                [Pods],
                [.. HarmlessForContainers, "env"]
            ),
            .. Variables(spec["runtimeSettings"]?["container"]?["env"]),
            .. One(spec["interimVolumeTemplate"], "spec.interimVolumeTemplate", Pods, Claims),
            .. One(spec["target"]?["volumeClaimTemplates"], "spec.target.volumeClaimTemplates", Pods, Claims),
            .. Hooks(spec["hooks"] as JsonObject),
            .. Given(spec["backend"]?["local"], "spec.backend.local", [Pods], HarmlessForBackends),
        ];
    }

    /// <summary>
    /// The shaping fields that a change brings: new ones, and those that say something else than before.
    /// </summary>
    public static IReadOnlyList<ShapingField> Brought(
        IKubernetesObject<V1ObjectMeta> old,
        IKubernetesObject<V1ObjectMeta> changed
    )
    {
        var known = Of(old).ToDictionary(field => field.Path, field => field.Value);
        return
        [
            .. Of(changed)
                .Where(field =>
                    !known.TryGetValue(field.Path, out var before) || !JsonNode.DeepEquals(before, field.Value)
                ),
        ];
    }

    private static IEnumerable<ShapingField> Given(
        JsonNode? settings,
        string path,
        IReadOnlyList<CreateRight> needs,
        IReadOnlyList<string> harmless
    ) =>
        from setting in settings as JsonObject ?? []
        where setting.Value is not null && !IsEmpty(setting.Value) && !harmless.Contains(setting.Key)
        select new ShapingField($"{path}.{setting.Key}", setting.Value, needs);

    private static IEnumerable<ShapingField> One(
        JsonNode? value,
        string path,
        params IReadOnlyList<CreateRight> needs
    ) => value is null || IsEmpty(value) ? [] : [new ShapingField(path, value, needs)];

    /// <summary>
    /// A value stands in the object; what a variable takes from elsewhere the author may not be able to read.
    /// </summary>
    private static IEnumerable<ShapingField> Variables(JsonNode? variables) =>
        from variable in (variables as JsonArray ?? []).Index()
        let source = variable.Item?["valueFrom"] as JsonObject
        where source?.Any(one => one.Value is not null && !HarmlessSources.Contains(one.Key)) == true
        select new ShapingField(
            string.Create(
                CultureInfo.InvariantCulture,
                $"spec.runtimeSettings.container.env[{variable.Index}].valueFrom"
            ),
            source,
            [Pods]
        );

    /// <summary>A command in another Pod is what <c>kubectl exec</c> does.</summary>
    private static IEnumerable<ShapingField> Hooks(JsonObject? hooks) =>
        from hook in hooks ?? []
        let command = hook.Value?["exec"]
        where command is not null
        select new ShapingField($"spec.hooks.{hook.Key}.exec", command, [Exec]);

    private static bool IsEmpty(JsonNode value) =>
        value is JsonObject { Count: 0 } or JsonArray { Count: 0 }
        || (value is JsonValue text && text.TryGetValue<string>(out var content) && content.Length == 0);
}
