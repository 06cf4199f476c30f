using System.Text.Json.Nodes;
using Granary.Api.Names;

namespace Granary.Api.Tests.Schemas;

/// <summary>The API server refuses a reference that is no name, whatever the operator would make of it.</summary>
public sealed class ReferenceSchemaTests
{
    /// <summary>
    /// Fields whose key looks like a reference and is none, or may hold a variable, by the end of the path.
    /// </summary>
    private static readonly string[] NoReferences =
    [
        // Text of the user's own.
        "params[].name",
        "retentionPolicy.name",
        "httpHeaders[].name",
        "clientConfig.serverName",
        // A variable or an ordinal may be part of it; the name is checked when it is whole.
        "steps[].name",
        "volumeClaimTemplates[].metadata.name",
        "metadata.generateName",
        "interimVolumeTemplate.metadata.name",
        "interimVolumeTemplate.metadata.namespace",
        "volumeClaimTemplates[].metadata.namespace",
        "steps[].params[].name",
    ];

    /// <summary>Parts of pods, which the API server judges itself when the pod is made.</summary>
    private static readonly string[] PartsOfPods =
    [
        ".local.",
        ".container.",
        ".affinity.",
        ".securityContext.",
        ".volumeMounts[]",
        ".readinessGates[]",
        ".tolerations[]",
        ".ownerReferences[]",
        ".volumeClaimTemplates[].spec.",
        ".interimVolumeTemplate.spec.",
        ".volumeClaimTemplates[].status.",
        ".interimVolumeTemplate.status.",
    ];

    [Theory]
    [InlineData("AppBinding")]
    [InlineData("BackupBatch")]
    [InlineData("BackupBlueprint")]
    [InlineData("BackupConfiguration")]
    [InlineData("BackupSession")]
    [InlineData("Repository")]
    [InlineData("RestoreBatch")]
    [InlineData("RestoreSession")]
    public void Every_reference_is_limited_to_what_can_be_a_name(string kind)
    {
        var spec = Definitions.SchemaOf(kind)["properties"]!["spec"]!.AsObject();

        var open = Texts(spec, "spec")
            .Where(field => IsReference(field.Path))
            .Where(field =>
                (string?)field.Schema["pattern"] is not (DnsName.SubdomainPattern or DnsName.LabelPattern)
                || (long?)field.Schema["maxLength"] is not (DnsName.MaxSubdomain or DnsName.MaxLabel)
            )
            .Select(field => field.Path);

        Assert.Empty(open);
    }

    [Theory]
    [InlineData("a", true)]
    [InlineData("postgres-backup-17.2", true)]
    [InlineData("", false)]
    [InlineData("..", false)]
    [InlineData("../../secrets", false)]
    [InlineData("a/b", false)]
    [InlineData("a%2fb", false)]
    [InlineData("a?watch=true", false)]
    [InlineData("a\n", false)]
    [InlineData("A", false)]
    [InlineData("-a", false)]
    public void Only_names_are_names(string text, bool isName) => Assert.Equal(isName, DnsName.IsSubdomain(text));

    [Fact]
    public void Names_have_an_end()
    {
        Assert.True(DnsName.IsSubdomain(new string('a', 253)));
        Assert.False(DnsName.IsSubdomain(new string('a', 254)));
        Assert.True(DnsName.IsLabel(new string('a', 63)));
        Assert.False(DnsName.IsLabel(new string('a', 64)));
        Assert.False(DnsName.IsLabel("a.b"));
    }

    private static bool IsReference(string path)
    {
        var key = path[(path.LastIndexOf('.') + 1)..];
        return (
                key is "name" or "namespace"
                || key.EndsWith("Name", StringComparison.Ordinal)
                || key.EndsWith("Namespace", StringComparison.Ordinal)
            )
            && !Array.Exists(NoReferences, end => path.EndsWith($".{end}", StringComparison.Ordinal))
            && !Array.Exists(PartsOfPods, part => path.Contains(part, StringComparison.Ordinal));
    }

    private static IEnumerable<(string Path, JsonObject Schema)> Texts(JsonObject schema, string path)
    {
        if ((string?)schema["type"] == "string")
        {
            yield return (path, schema);
        }

        var children = (schema["properties"]?.AsObject() ?? [])
            .Select(property => ($"{path}.{property.Key}", property.Value))
            .Append(($"{path}[]", schema["items"]));
        foreach (var (below, child) in children)
        {
            foreach (var text in child is JsonObject known ? Texts(known, below) : [])
            {
                yield return text;
            }
        }
    }
}
