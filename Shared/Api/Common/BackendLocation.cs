namespace Granary.Api.Common;

/// <summary>Where a repository is, in the terms that all providers share.</summary>
/// <param name="Provider">One of <see cref="Providers"/>.</param>
/// <param name="Bucket">Bucket, container, mount path (local) or host (rest, with its port when it has one).</param>
/// <param name="Prefix">Folder in the bucket as the user wrote it; empty for local.</param>
/// <param name="Endpoint">S3 endpoint or REST URL; null for the others.</param>
/// <param name="Region">S3 region, possibly empty; null for the others.</param>
/// <param name="InsecureTLS">Whether the server's certificate is accepted unverified.</param>
/// <param name="MaxConnections">The most connections at one time; 0 for the default.</param>
public sealed record BackendLocation(
    string Provider,
    string Bucket,
    string Prefix,
    string? Endpoint = null,
    string? Region = null,
    bool InsecureTLS = false,
    long MaxConnections = 0
);

/// <summary>The values of <see cref="BackendLocation.Provider"/>.</summary>
public static class Providers
{
    public const string Local = "local";
    public const string S3 = "s3";
    public const string Gcs = "gcs";
    public const string Azure = "azure";
    public const string Swift = "swift";
    public const string B2 = "b2";
    public const string Rest = "rest";
}

public sealed partial class Backend
{
    /// <summary>Where the repository is, or null when no block is given.</summary>
    /// <remarks>
    /// With several blocks, which validation refuses, the first of local, s3, gcs, azure, swift, b2, rest.
    /// </remarks>
    public BackendLocation? Location() =>
        this switch
        {
            { Local: { } local } => new(Providers.Local, local.MountPath, ""),
            { S3: { } s3 } => new(
                Providers.S3,
                s3.Bucket,
                s3.Prefix ?? "",
                s3.Endpoint,
                s3.Region ?? "",
                s3.InsecureTLS
            ),
            { Gcs: { } gcs } => new(
                Providers.Gcs,
                gcs.Bucket,
                gcs.Prefix ?? "",
                MaxConnections: gcs.MaxConnections ?? 0
            ),
            { Azure: { } azure } => new(
                Providers.Azure,
                azure.Container,
                azure.Prefix ?? "",
                MaxConnections: azure.MaxConnections ?? 0
            ),
            { Swift: { } swift } => new(Providers.Swift, swift.Container, swift.Prefix ?? ""),
            { B2: { } b2 } => new(Providers.B2, b2.Bucket, b2.Prefix ?? "", MaxConnections: b2.MaxConnections ?? 0),
            { Rest: { } rest } => OfRest(rest),
            _ => null,
        };

    /// <summary>The providers whose blocks are given, in order of precedence; exactly one in a valid backend.</summary>
    public IReadOnlyList<string> GivenProviders() =>
        [
            .. new (string Provider, object? Block)[]
            {
                (Providers.Local, Local),
                (Providers.S3, S3),
                (Providers.Gcs, Gcs),
                (Providers.Azure, Azure),
                (Providers.Swift, Swift),
                (Providers.B2, B2),
                (Providers.Rest, Rest),
            }
                .Where(given => given.Block is not null)
                .Select(given => given.Provider),
        ];

    private static BackendLocation OfRest(RestBackend rest) =>
        Uri.TryCreate(rest.Url, UriKind.Absolute, out var url)
            ? new(Providers.Rest, url.Authority, url.AbsolutePath, rest.Url)
            : new(Providers.Rest, "", "", rest.Url);
}
