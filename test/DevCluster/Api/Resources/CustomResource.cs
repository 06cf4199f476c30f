using System.Text.Json.Nodes;

namespace Granary.DevCluster.Api.Resources;

/// <summary>What a CustomResourceDefinition says of one served version.</summary>
/// <param name="DefinitionName">Name of the CustomResourceDefinition.</param>
/// <param name="StorageVersion">Version in which objects are kept.</param>
/// <param name="Columns">The printer columns of this version.</param>
/// <param name="Document">The schema as it was written, for the published documents.</param>
/// <param name="Scale">Paths of the scale subresource, when there is one.</param>
internal sealed record CustomResource(
    string DefinitionName,
    string StorageVersion,
    JsonArray? Columns,
    JsonObject? Document,
    JsonObject? Scale
);
