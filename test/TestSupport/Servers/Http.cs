namespace Granary.TestSupport.Servers;

internal static class Http
{
    private static readonly HttpClient Client = new(
        new SocketsHttpHandler
        {
            SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true },
            ConnectTimeout = TimeSpan.FromSeconds(2),
        }
    );

    /// <summary>Whether the address answers at all, with any status.</summary>
    public static async Task<bool> AnswersAsync(string url)
    {
        using HttpResponseMessage answer = await Client.GetAsync(new Uri(url));
        return true;
    }

    /// <summary>Whether the address answers with a success.</summary>
    public static async Task<bool> SucceedsAsync(string url)
    {
        using HttpResponseMessage answer = await Client.GetAsync(new Uri(url));
        return answer.IsSuccessStatusCode;
    }

    public static async Task<string> PostAsync(
        string url,
        HttpContent? content,
        IReadOnlyDictionary<string, string>? headers = null
    )
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = content };
        foreach ((string name, string value) in headers ?? new Dictionary<string, string>())
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using HttpResponseMessage answer = await Client.SendAsync(request);
        string body = await answer.Content.ReadAsStringAsync();
        return answer.IsSuccessStatusCode
            ? body
            : throw new HttpRequestException($"POST {url}: {(int)answer.StatusCode} {body}");
    }
}
