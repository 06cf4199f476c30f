namespace KubeOps.Operator.Web.Webhooks;

/// <summary>Says where a webhook is served.</summary>
public interface IWebhookAttribute
{
    /// <summary>The path, relative to the server's address.</summary>
    Uri Uri { get; }
}
