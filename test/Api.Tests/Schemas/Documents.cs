using System.Globalization;
using System.Text.Json.Nodes;
using Granary.TestSupport;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.Serialization;

namespace Granary.Api.Tests.Schemas;

/// <summary>YAML files of this checkout as JSON.</summary>
internal static class Documents
{
    private static readonly IDeserializer Yaml = new DeserializerBuilder()
        .WithAttemptingUnquotedStringTypeDeserialization()
        .Build();

    /// <summary>All documents in the YAML files of a folder.</summary>
    public static IReadOnlyList<JsonObject> In(string folder) =>
        [
            .. Directory
                .EnumerateFiles(Path.Combine(RepositoryRoot.Path, folder), "*.yaml")
                .Order(StringComparer.Ordinal)
                .SelectMany(file => Parse(File.ReadAllText(file))),
        ];

    /// <summary>The documents of a text.</summary>
    public static IEnumerable<JsonObject> Parse(string text)
    {
        var parser = new Parser(new StringReader(text));
        parser.Consume<StreamStart>();
        while (parser.Accept<DocumentStart>(out _))
        {
            if (Convert(Yaml.Deserialize<object?>(parser)) is JsonObject document)
            {
                yield return document;
            }
        }
    }

    /// <summary>The kind and name of an object, for messages.</summary>
    public static string NameOf(JsonObject document) => $"{document["kind"]}/{document["metadata"]!["name"]}";

    private static JsonNode? Convert(object? value) =>
        value switch
        {
            null => null,
            IDictionary<object, object> map => new JsonObject(
                map.Select(pair => KeyValuePair.Create((string)pair.Key, Convert(pair.Value)))
            ),
            IList<object> list => new JsonArray([.. list.Select(Convert)]),
            string text => JsonValue.Create(text),
            bool flag => JsonValue.Create(flag),
            double or float => JsonValue.Create(System.Convert.ToDouble(value, CultureInfo.InvariantCulture)),
            _ => JsonValue.Create(System.Convert.ToInt64(value, CultureInfo.InvariantCulture)),
        };
}
