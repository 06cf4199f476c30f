using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Granary.Storage.Swift;

/// <summary>An object in a listing.</summary>
internal sealed record SwiftObject(string Name, long Bytes);

/// <summary>Listings, and the messages to and from Keystone.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(List<SwiftObject>))]
[JsonSerializable(typeof(JsonObject))]
[JsonSerializable(typeof(KeystoneAnswer))]
internal sealed partial class SwiftJson : JsonSerializerContext;
