using System.Text.Json.Nodes;

namespace Granary.Api.Tests.Schemas;

/// <summary>The CustomResourceDefinitions under <c>config/crd</c>.</summary>
internal static class Definitions
{
    private static readonly IReadOnlyList<JsonObject> All = Documents.In("config/crd");

    /// <summary>The spec of the definition of a kind.</summary>
    public static JsonObject SpecOf(string kind) =>
        All.Single(definition => (string?)definition["spec"]!["names"]!["kind"] == kind)["spec"]!.AsObject();

    /// <summary>The only version of a kind.</summary>
    public static JsonObject VersionOf(string kind) => Assert.Single(SpecOf(kind)["versions"]!.AsArray())!.AsObject();

    /// <summary>The schema of a kind.</summary>
    public static JsonObject SchemaOf(string kind) => VersionOf(kind)["schema"]!["openAPIV3Schema"]!.AsObject();
}
