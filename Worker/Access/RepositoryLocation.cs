using Granary.Api.Common;

namespace Granary.Access;

/// <summary>Reads a repository's location as restic writes it. Source: repository format, "Layout".</summary>
public static class RepositoryLocation
{
    private const string S3Default = "s3.amazonaws.com";

    /// <summary>
    /// Reads a location: <c>/srv/backup</c>, <c>s3:http://host:9000/bucket/prefix</c>, <c>rest:https://host/path</c> …
    /// </summary>
    /// <exception cref="StepFailedException">It is no location.</exception>
    public static BackendLocation Parse(string text)
    {
        var colon = text.IndexOf(':');
        var (scheme, rest) = colon > 0 ? (text[..colon], text[(colon + 1)..]) : ("", text);
        return scheme switch
        {
            "local" => Local(rest),
            "s3" => S3(text, rest),
            "gs" => Bucket(text, Providers.Gcs, rest),
            "azure" => Bucket(text, Providers.Azure, rest),
            "b2" => Bucket(text, Providers.B2, rest),
            "swift" => Bucket(text, Providers.Swift, rest),
            "rest" => Rest(text, rest),
            "sftp" or "rclone" => throw new StepFailedException($"{scheme} repositories are not supported"),
            _ => Local(text),
        };
    }

    private static BackendLocation Local(string path) =>
        path.Length > 0
            ? new(Providers.Local, Path.GetFullPath(path), "")
            : throw new StepFailedException("The repository's location is empty");

    private static BackendLocation S3(string text, string rest)
    {
        // s3://host/bucket, s3:host/bucket and s3:https://host/bucket all occur.
        var address = rest.StartsWith("//", StringComparison.Ordinal) ? rest[2..] : rest;
        if (!address.Contains("://", StringComparison.Ordinal))
        {
            address = $"https://{address}";
        }

        if (!Uri.TryCreate(address, UriKind.Absolute, out var url) || url.Host.Length == 0)
        {
            throw Malformed(text, $"s3:{S3Default}/bucket/prefix");
        }

        var path = Uri.UnescapeDataString(url.AbsolutePath).Trim('/').Split('/', 2);
        return path[0].Length > 0
            ? new(Providers.S3, path[0], path.Length > 1 ? path[1] : "", url.GetLeftPart(UriPartial.Authority), "")
            : throw Malformed(text, $"s3:{S3Default}/bucket/prefix");
    }

    private static BackendLocation Bucket(string text, string provider, string rest)
    {
        var parts = rest.Split(':', 2);
        if (parts[0].Length == 0)
        {
            throw Malformed(text, $"{provider}:bucket:/prefix");
        }

        return new(provider, parts[0], parts.Length > 1 ? parts[1].Trim('/') : "");
    }

    private static BackendLocation Rest(string text, string rest) =>
        Uri.TryCreate(rest, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
            ? new(Providers.Rest, url.Authority, url.AbsolutePath, rest)
            : throw Malformed(text, "rest:https://host:8000/path/");

    private static StepFailedException Malformed(string text, string example) =>
        new($"'{Hidden(text)}' is no repository location; one looks like {example}");

    /// <summary>A location may hold a password before an @.</summary>
    private static string Hidden(string text) =>
        text.Contains('@') ? string.Concat("…", text.AsSpan(text.LastIndexOf('@'))) : text;
}
