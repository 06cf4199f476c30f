using Microsoft.AspNetCore.Mvc;

namespace KubeOps.Operator.Web.Webhooks.Admission.Validation;

/// <summary>Serves a validation webhook at <c>/validate/</c> and the entity's class name in lower case.</summary>
[AttributeUsage(AttributeTargets.Class)]
public class ValidationWebhookAttribute(Type entityType)
    : RouteAttribute(WebhookPaths.Validation(entityType)),
        IWebhookAttribute
{
    /// <inheritdoc />
    public Uri Uri { get; } = new(WebhookPaths.Validation(entityType), UriKind.Relative);
}
