using System.Text.Json.Nodes;

namespace Granary.DevCluster.Api.Resources;

/// <summary>Versions of a custom resource with conversion strategy None differ in their apiVersion only.</summary>
internal sealed class CustomVersionConversion(string served, string stored) : IConversion
{
    public void ToStored(JsonObject value) => value["apiVersion"] = stored;

    public void FromStored(JsonObject value) => value["apiVersion"] = served;
}
