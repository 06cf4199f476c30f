namespace KubeOps.Operator.Web.Webhooks;

/// <summary>Where webhooks are served. The class name counts, not the kind.</summary>
internal static class WebhookPaths
{
    public static string Validation(Type entityType) => $"/validate/{entityType.Name.ToLowerInvariant()}";

    public static string Mutation(Type entityType) => $"/mutate/{entityType.Name.ToLowerInvariant()}";
}
