using Granary.Api.Common;

namespace Granary.Access;

/// <summary>Where a repository is, and its credentials: from flags, a Repository object, or a location.</summary>
/// <param name="Location">Provider, bucket, prefix and so on.</param>
/// <param name="Credentials">Keys of the storage Secret, or variables of the same names.</param>
public sealed record BackendSettings(BackendLocation Location, StorageCredentials Credentials)
{
    /// <summary>How the store is used.</summary>
    public BackendTuning Tuning { get; init; } = new();
}
