using System.Text.RegularExpressions;

namespace Granary.Storage.S3;

/// <summary>An endpoint as users write it, read.</summary>
/// <param name="Url">Scheme, host and port, nothing else.</param>
/// <param name="IsAmazon">Whether it is AWS itself.</param>
/// <param name="Region">The region that an AWS host's name tells, or null.</param>
internal sealed partial record S3Endpoint(Uri Url, bool IsAmazon, string? Region)
{
    /// <summary>Whether the region has to be asked for: AWS's global name tells none.</summary>
    public bool IsGlobal => IsAmazon && Region is null;

    public static S3Endpoint Parse(string text)
    {
        var trimmed = text.Trim().TrimEnd('/');
        var complete = trimmed.Contains("://", StringComparison.Ordinal) ? trimmed : $"https://{trimmed}";
        if (
            !Uri.TryCreate(complete, UriKind.Absolute, out var url)
            || (url.Scheme != Uri.UriSchemeHttp && url.Scheme != Uri.UriSchemeHttps)
            || url.UserInfo.Length > 0
        )
        {
            // The text may hold a credential, so it is not repeated.
            throw new StorageException(
                StorageError.Invalid,
                "s3:",
                null,
                "the endpoint must be a host or an http(s) address without user and password"
            );
        }

        if (url.AbsolutePath != "/" || url.Query.Length > 0)
        {
            throw new StorageException(
                StorageError.Invalid,
                $"s3:{url.GetLeftPart(UriPartial.Authority)}",
                null,
                "the endpoint must not have a path; use bucket and prefix"
            );
        }

        var host = AmazonHost().Match(url.Host);
        var region = host.Groups["region"];
        return new S3Endpoint(
            new Uri(url.GetLeftPart(UriPartial.Authority)),
            host.Success,
            region.Success ? region.Value : null
        );
    }

    [GeneratedRegex(
        @"^s3([.-](dualstack\.)?(?<region>[a-z]{2}(-[a-z]+)+-\d))?\.amazonaws\.com(\.cn)?$",
        RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase,
        1000
    )]
    private static partial Regex AmazonHost();
}
