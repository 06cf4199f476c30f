using Microsoft.AspNetCore.Mvc;

namespace KubeOps.Operator.Web.Webhooks.Admission.Mutation;

/// <summary>Serves a mutation webhook at <c>/mutate/</c> and the entity's class name in lower case.</summary>
[AttributeUsage(AttributeTargets.Class)]
public class MutationWebhookAttribute(Type entityType)
    : RouteAttribute(WebhookPaths.Mutation(entityType)),
        IWebhookAttribute
{
    /// <inheritdoc />
    public Uri Uri { get; } = new(WebhookPaths.Mutation(entityType), UriKind.Relative);
}
