using System.Text.Json;
using System.Text.Json.Serialization;

namespace Granary.Storage.Rest;

/// <summary>A file in a listing of the second version.</summary>
internal sealed record RestFile(string Name, long? Size);

/// <summary>The server's listings, in both versions.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(List<RestFile>))]
[JsonSerializable(typeof(List<string>))]
internal sealed partial class RestJson : JsonSerializerContext;
