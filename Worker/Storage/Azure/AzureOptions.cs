using Granary.Storage.Http;

namespace Granary.Storage.Azure;

/// <summary>A container of Azure Blob Storage.</summary>
public sealed record AzureOptions
{
    /// <summary>The container.</summary>
    public required string Container { get; init; }

    /// <summary>The storage account's name.</summary>
    public required string AccountName { get; init; }

    /// <summary>The repository's prefix in the container; slashes at its ends are harmless.</summary>
    public string? Prefix { get; init; }

    /// <summary>The account's key, base64.</summary>
    public Secret? AccountKey { get; init; }

    /// <summary>
    /// A shared access signature, with or without the question mark. Without key and signature the ambient identity is
    /// used: variables, workload identity or managed identity.
    /// </summary>
    public Secret? SasToken { get; init; }

    /// <summary>
    /// The suffix of the account's host. Default: <c>core.windows.net</c>; national clouds have others.
    /// </summary>
    public string EndpointSuffix { get; init; } = "core.windows.net";

    /// <summary>
    /// The account's whole address, instead of one made from name and suffix. For private endpoints and emulators.
    /// </summary>
    public string? Endpoint { get; init; }

    /// <summary>Up to this size a file is uploaded in one request, beyond it in blocks. Default: 256 MiB.</summary>
    public ByteSize SingleUploadLimit { get; init; } = ByteSize.FromMebibytes(256);

    /// <summary>The size of a block, held in memory once for each upload. Default: 16 MiB.</summary>
    public ByteSize BlockSize { get; init; } = ByteSize.FromMebibytes(16);

    /// <summary>Names asked for in one request when listing. Default: 5000, the most that Azure gives.</summary>
    public int ListPageSize { get; init; } = 5000;

    /// <summary>Operations at once. Default: 5.</summary>
    public int Connections { get; init; } = 5;

    /// <summary>Trust and time limits.</summary>
    public TransportOptions Transport { get; init; } = new();
}
