using System.Text.Json;
using System.Text.Json.Serialization;

namespace Granary.Storage.B2;

/// <summary>Why an account was not authorised.</summary>
internal sealed record B2Refusal(string? Code, string? Message);

/// <summary>An authorised account: where its interfaces are.</summary>
internal sealed record B2Authorization(B2ApiInfo? ApiInfo);

/// <summary>The interfaces by name.</summary>
internal sealed record B2ApiInfo(B2StorageApi? StorageApi);

/// <summary>The interface to buckets.</summary>
internal sealed record B2StorageApi(string? S3ApiUrl);

/// <summary>The answers to an authorisation.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(B2Refusal))]
[JsonSerializable(typeof(B2Authorization))]
internal sealed partial class B2Json : JsonSerializerContext;
