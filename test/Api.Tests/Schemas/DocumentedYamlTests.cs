using System.Globalization;
using System.Text.Json.Nodes;
using FluentValidation.Results;
using Granary.Api.AppCatalog.V1Alpha1;
using Granary.Api.Stash.V1Alpha1;
using Granary.Api.Stash.V1Beta1;
using Granary.Api.Validation;
using k8s;
using k8s.Models;

namespace Granary.Api.Tests.Schemas;

/// <summary>Stash's YAML applies as it is: nothing refused, nothing dropped, neither by schema nor by type.</summary>
public sealed class DocumentedYamlTests
{
    private static readonly Dictionary<string, Func<string, object>> Readers = new()
    {
        ["AppBinding"] = json => KubernetesJson.Deserialize<AppBinding>(json),
        ["BackupBatch"] = json => KubernetesJson.Deserialize<BackupBatch>(json),
        ["BackupBlueprint"] = json => KubernetesJson.Deserialize<BackupBlueprint>(json),
        ["BackupConfiguration"] = json => KubernetesJson.Deserialize<BackupConfiguration>(json),
        ["BackupSession"] = json => KubernetesJson.Deserialize<BackupSession>(json),
        ["Function"] = json => KubernetesJson.Deserialize<Function>(json),
        ["Repository"] = json => KubernetesJson.Deserialize<Repository>(json),
        ["RestoreBatch"] = json => KubernetesJson.Deserialize<RestoreBatch>(json),
        ["RestoreSession"] = json => KubernetesJson.Deserialize<RestoreSession>(json),
        ["Task"] = json => KubernetesJson.Deserialize<Stash.V1Beta1.Task>(json),
    };

    private static IEnumerable<JsonObject> Ours =>
        Documents
            .In("test/Fixtures/documented")
            .Concat(Documents.In("config/samples"))
            .Concat(Documents.In("config/catalog"))
            .Where(document => Readers.ContainsKey(KindOf(document)));

    [Fact]
    public void Every_kind_is_shown() => Assert.Equal(Readers.Keys.Order(), Ours.Select(KindOf).Distinct().Order());

    [Fact]
    public void The_schemas_take_it_whole()
    {
        var problems = string.Join(
            "\n",
            Ours.SelectMany(document =>
                StructuralSchema
                    .Problems(Definitions.SchemaOf(KindOf(document)), document)
                    .Select(problem => $"{Documents.NameOf(document)} {problem}")
            )
        );

        Assert.True(problems.Length == 0, problems);
    }

    [Fact]
    public void The_types_keep_every_value()
    {
        var lost = string.Join(
            "\n",
            Ours.SelectMany(document =>
                Lost(
                    document,
                    JsonNode.Parse(KubernetesJson.Serialize(Readers[KindOf(document)](document.ToJsonString()))),
                    Documents.NameOf(document)
                )
            )
        );

        Assert.True(lost.Length == 0, lost);
    }

    [Fact]
    public void The_rules_of_admission_find_nothing_wrong() => Assert.All(Ours, document =>
        {
            ValidationResult? result = Readers[KindOf(document)](document.ToJsonString()) switch
            {
                AppBinding binding => AdmissionRules.Create(binding),
                BackupConfiguration configuration => AdmissionRules.Create(configuration),
                BackupSession session => AdmissionRules.Create(session),
                Repository repository => AdmissionRules.Create(repository),
                RestoreSession session => AdmissionRules.Create(session),
                _ => null,
            };

            Assert.Equal("", result?.Describe() ?? "");
        });

    private static string KindOf(JsonObject document) => (string)document["kind"]!;

    /// <summary>What was there before and is not afterwards. Times and quantities may be written another way.</summary>
    private static IEnumerable<string> Lost(JsonNode? before, JsonNode? after, string path) =>
        (before, after) switch
        {
            (null, _) => [],
            (JsonObject old, JsonObject kept) => old.SelectMany(pair =>
                Lost(pair.Value, kept[pair.Key], $"{path}.{pair.Key}")
            ),
            (JsonArray old, JsonArray kept) when old.Count == kept.Count => old.SelectMany(
                (item, i) => Lost(item, kept[i], $"{path}[{i}]")
            ),
            (JsonValue old, JsonValue kept) when IsSame(old, kept) => [],
            _ => [$"{path}: {before.ToJsonString()} became {after?.ToJsonString() ?? "nothing"}"],
        };

    private static bool IsSame(JsonValue before, JsonValue after) =>
        JsonNode.DeepEquals(before, after)
        || before.ToString() == after.ToString()
        || (
            DateTimeOffset.TryParse(before.ToString(), CultureInfo.InvariantCulture, out var old)
            && DateTimeOffset.TryParse(after.ToString(), CultureInfo.InvariantCulture, out var kept)
            && old == kept
        )
        || (Quantity(before) is { } amount && amount == Quantity(after));

    private static decimal? Quantity(JsonValue value)
    {
        try
        {
            return new ResourceQuantity(value.ToString()).ToDecimal();
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
