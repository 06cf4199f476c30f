namespace Granary.Storage.Rest;

/// <summary>An address as users write it, taken apart.</summary>
/// <param name="Base">Without user and password; ends with a slash.</param>
/// <param name="UserName">The user, or null.</param>
/// <param name="Password">The password, or null.</param>
internal sealed record RestAddress(Uri Base, string? UserName, Secret? Password)
{
    public static RestAddress Parse(RestOptions options)
    {
        var text = options.Url.Trim();
        text = text.StartsWith("rest:", StringComparison.OrdinalIgnoreCase) ? text[5..] : text;
        if (
            !Uri.TryCreate(text, UriKind.Absolute, out var url)
            || (url.Scheme != Uri.UriSchemeHttp && url.Scheme != Uri.UriSchemeHttps)
        )
        {
            // The text may hold a password, so it is not repeated.
            throw new StorageException(
                StorageError.Invalid,
                "rest:",
                null,
                "the address must begin with http:// or https://"
            );
        }

        var clean = new UriBuilder(url)
        {
            UserName = "",
            Password = "",
            Query = "",
            Fragment = "",
        };
        clean.Path = clean.Path.EndsWith('/') ? clean.Path : clean.Path + "/";
        var account = url.UserInfo.Split(':', 2);
        var user = options.UserName ?? (account[0].Length > 0 ? Uri.UnescapeDataString(account[0]) : null);
        var password = options.Password ?? (account.Length > 1 ? new Secret(Uri.UnescapeDataString(account[1])) : null);
        return new RestAddress(clean.Uri, user, password);
    }
}
