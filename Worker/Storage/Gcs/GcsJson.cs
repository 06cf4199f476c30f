using System.Text.Json;
using System.Text.Json.Serialization;

namespace Granary.Storage.Gcs;

/// <summary>An object, as far as it is of use here.</summary>
internal sealed record GcsObject(string Name, long? Size, string? Md5Hash, string? StorageClass);

/// <summary>A part of a listing.</summary>
internal sealed record GcsPage(List<GcsObject>? Items, string? NextPageToken);

/// <summary>A bucket to make.</summary>
internal sealed record GcsBucket(string Name);

/// <summary>A request that the API refused.</summary>
internal sealed record GcsRefusal(GcsError? Error);

/// <summary>Why.</summary>
internal sealed record GcsError(int? Code);

/// <summary>The JSON API's documents. Its 64-bit numbers are strings.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    NumberHandling = JsonNumberHandling.AllowReadingFromString,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull
)]
[JsonSerializable(typeof(GcsObject))]
[JsonSerializable(typeof(GcsPage))]
[JsonSerializable(typeof(GcsBucket))]
[JsonSerializable(typeof(GcsRefusal))]
internal sealed partial class GcsJson : JsonSerializerContext;
