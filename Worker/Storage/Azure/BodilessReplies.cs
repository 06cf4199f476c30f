namespace Granary.Storage.Azure;

/// <summary>Takes the type of content from replies to HEAD that are refusals.</summary>
/// <remarks>
/// Such a reply has no content. Where it is said to be XML all the same, the SDK reads it as XML, and its failure hides
/// the status.
/// </remarks>
internal sealed class BodilessReplies(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request,
        CancellationToken cancellationToken
    )
    {
        var response = await base.SendAsync(request, cancellationToken);
        if (request.Method == HttpMethod.Head && !response.IsSuccessStatusCode)
        {
            response.Content.Headers.ContentType = null;
        }

        return response;
    }
}
