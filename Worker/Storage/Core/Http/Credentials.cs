namespace Granary.Storage.Http;

/// <summary>Finds credentials that cannot work before they are sent.</summary>
/// <remarks>
/// A Secret that was made from a file often holds the file's last line break. Sent, it is a header that HTTP does not
/// allow, or just a wrong password; neither tells a person which key of the Secret to mend.
/// </remarks>
public static class Credentials
{
    /// <summary>Refuses values with line breaks and other control characters.</summary>
    /// <param name="location">The backend's location, for the message.</param>
    /// <param name="values">The keys of the storage Secret with their values; null is left out.</param>
    /// <exception cref="StorageException"><see cref="StorageError.Invalid"/>: names the key, not its value.</exception>
    public static void RequireText(string location, params ReadOnlySpan<(string Key, string? Value)> values)
    {
        foreach (var (key, value) in values)
        {
            if (value is not null && value.Any(char.IsControl))
            {
                throw new StorageException(
                    StorageError.Invalid,
                    location,
                    null,
                    value.Trim().Any(char.IsControl)
                        ? $"{key} holds a control character"
                        : $"{key} begins or ends with a line break; store it without"
                );
            }
        }
    }

    /// <summary>Refuses values that do not fit into a header as they are.</summary>
    /// <inheritdoc cref="RequireText"/>
    public static void RequireHeaders(string location, params ReadOnlySpan<(string Key, string? Value)> values)
    {
        RequireText(location, values);
        foreach (var (key, value) in values)
        {
            if (value is not null && !System.Text.Ascii.IsValid(value))
            {
                throw new StorageException(
                    StorageError.Invalid,
                    location,
                    null,
                    $"{key} holds a character that no header can carry; only ASCII can be sent"
                );
            }
        }
    }

    /// <summary>Refuses anything but an http(s) address.</summary>
    /// <param name="location">The backend's location, for the message.</param>
    /// <param name="key">The key of the storage Secret.</param>
    /// <param name="address">Its value.</param>
    /// <exception cref="StorageException"><see cref="StorageError.Invalid"/>: names the key.</exception>
    public static void RequireAddress(string location, string key, string address)
    {
        RequireText(location, (key, address));
        if (
            !Uri.TryCreate(address, UriKind.Absolute, out var url)
            || (url.Scheme != Uri.UriSchemeHttp && url.Scheme != Uri.UriSchemeHttps)
        )
        {
            // The text may hold a password, so it is not repeated.
            throw new StorageException(
                StorageError.Invalid,
                location,
                null,
                $"{key} must be an address that begins with http:// or https://"
            );
        }
    }
}
