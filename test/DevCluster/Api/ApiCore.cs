using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Resources;
using Granary.DevCluster.Api.Storage;

namespace Granary.DevCluster.Api;

/// <summary>What every part of the API server works with.</summary>
internal sealed class ApiCore(ObjectStore store, ResourceCatalog catalog, TimeProvider clock)
{
    private const string SuffixLetters = "bcdfghjklmnpqrstvwxz2456789";

    public ObjectStore Store => store;

    public ResourceCatalog Catalog => catalog;

    public TimeProvider Clock => clock;

    /// <summary>Now, to the second, as objects carry it.</summary>
    public string Now() => Stamp(clock.GetUtcNow());

    public static string Stamp(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);

    /// <summary>Five letters that make a generated name unique.</summary>
    public static string Suffix() => RandomNumberGenerator.GetString(SuffixLetters, 5);

    public static string NewUid() => Guid.NewGuid().ToString();

    /// <summary>A stored object in the form of the asked version; a copy that may be changed.</summary>
    public static JsonObject Present(ResourceDefinition resource, StoredObject stored)
    {
        var copy = (JsonObject)stored.Value.DeepClone();
        resource.Conversion?.FromStored(copy);
        return copy;
    }

    /// <summary>An object of the asked version in the form in which it is kept; a copy.</summary>
    public static JsonObject Keep(ResourceDefinition resource, JsonObject value)
    {
        var copy = (JsonObject)value.DeepClone();
        resource.Conversion?.ToStored(copy);
        return copy;
    }
}
