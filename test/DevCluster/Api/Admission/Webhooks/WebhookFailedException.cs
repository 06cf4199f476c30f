namespace Granary.DevCluster.Api.Admission.Webhooks;

/// <summary>A webhook could not be asked, or answered nonsense.</summary>
/// <param name="uri">Named in the message, as the API server does; null when the call itself went well.</param>
internal sealed class WebhookFailedException(Uri? uri, string because)
    : Exception(uri is null ? because : $"failed to call webhook: Post \"{uri}\": {because}");
