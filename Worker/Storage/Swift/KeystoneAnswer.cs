namespace Granary.Storage.Swift;

/// <summary>The part of Keystone's answer that is of use: the catalogue of services.</summary>
internal sealed record KeystoneAnswer(KeystoneAnswer.TokenPart? Token)
{
    /// <summary>The public address of object storage in a region, or in the first region that has it.</summary>
    public string? StorageUrlIn(string? region) =>
        Token
            ?.Catalog?.Where(service => service.Type == "object-store")
            .SelectMany(service => service.Endpoints ?? [])
            .FirstOrDefault(endpoint =>
                endpoint.Interface == "public"
                && (region is null || endpoint.Region == region || endpoint.RegionId == region)
            )
            ?.Url;

    internal sealed record TokenPart(List<Service>? Catalog);

    internal sealed record Service(string? Type, List<Endpoint>? Endpoints);

    internal sealed record Endpoint(
        string? Interface,
        string? Region,
        [property: System.Text.Json.Serialization.JsonPropertyName("region_id")] string? RegionId,
        string? Url
    );
}
