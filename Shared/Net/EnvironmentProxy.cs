using System.Net;

namespace Granary.Net;

/// <summary>
/// The proxy that the environment names: <c>HTTP_PROXY</c>, <c>HTTPS_PROXY</c>, <c>ALL_PROXY</c> and <c>NO_PROXY</c>,
/// in capitals or not, as Go, curl and restic read them.
/// </summary>
/// <remarks>
/// .NET's own reading knows neither networks, nor names without a leading dot, nor ports in <c>NO_PROXY</c>.
/// </remarks>
public sealed class EnvironmentProxy : IWebProxy
{
    private readonly Uri? _http;
    private readonly Uri? _https;
    private readonly NoProxyList _direct;

    /// <param name="variable">Answers a variable's value, or null.</param>
    public EnvironmentProxy(Func<string, string?> variable)
    {
        var all = Address(Given("ALL_PROXY"));
        _http = Address(Given("HTTP_PROXY")) ?? all;
        _https = Address(Given("HTTPS_PROXY")) ?? all;
        _direct = NoProxyList.Parse(Given("NO_PROXY"));
        Credentials = new ProxyCredentials([_http, _https]);

        string? Given(string name) =>
            variable(name) is { Length: > 0 } value ? value : variable(name.ToLowerInvariant());
    }

    /// <summary>User and password of the proxies' addresses.</summary>
    public ICredentials? Credentials { get; set; }

    /// <summary>
    /// Lets every HTTP client of this process, those of packages included, go by the environment's proxy.
    /// </summary>
    public static void UseForAll() =>
        HttpClient.DefaultProxy = new EnvironmentProxy(Environment.GetEnvironmentVariable);

    /// <summary>The proxy for a destination, or null for a direct way.</summary>
    public Uri? GetProxy(Uri destination)
    {
        var proxy = destination.Scheme is "https" or "wss" ? _https : _http;
        return proxy is null || _direct.Contains(destination.IdnHost, destination.Port) ? null : proxy;
    }

    /// <inheritdoc/>
    public bool IsBypassed(Uri host) => GetProxy(host) is null;

    /// <summary>How a destination is reached, for messages: empty, or " through the proxy http://host:3128".</summary>
    public static string Way(Uri destination)
    {
        if (HttpClient.DefaultProxy.GetProxy(destination) is not { } proxy || proxy == destination)
        {
            return "";
        }

        return $" through the proxy {proxy.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped)}";
    }

    /// <summary>An address without a scheme is HTTP's.</summary>
    private static Uri? Address(string? value)
    {
        if (string.IsNullOrWhiteSpace(value))
        {
            return null;
        }

        var text = value.Trim();
        return Uri.TryCreate(text.Contains("://") ? text : $"http://{text}", UriKind.Absolute, out var address)
            ? address
            : null;
    }

    private sealed class ProxyCredentials(IReadOnlyList<Uri?> proxies) : ICredentials
    {
        public NetworkCredential? GetCredential(Uri uri, string authType)
        {
            var proxy = proxies.FirstOrDefault(each =>
                each is { UserInfo.Length: > 0 } && each.Host == uri.Host && each.Port == uri.Port
            );
            if (proxy is null)
            {
                return null;
            }

            var parts = proxy.UserInfo.Split(':', 2);
            return new NetworkCredential(
                Uri.UnescapeDataString(parts[0]),
                parts.Length > 1 ? Uri.UnescapeDataString(parts[1]) : ""
            );
        }
    }
}
