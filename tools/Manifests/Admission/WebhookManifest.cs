using System.Reflection;
using k8s.Models;

namespace Granary.Manifests.Admission;

/// <summary>The registration of the operator's validating webhooks.</summary>
/// <remarks>
/// Without a CA bundle: the operator makes its certificate itself and adds the bundle when it starts.
/// </remarks>
internal static class WebhookManifest
{
    private const string Attribute = "KubeOps.Operator.Web.Webhooks.Admission.Validation.ValidationWebhookAttribute";

    /// <summary>Members of a webhook class and the operation that they are for.</summary>
    private static readonly (string Prefix, string Operation)[] Operations =
    [
        ("Create", "CREATE"),
        ("Update", "UPDATE"),
        ("Delete", "DELETE"),
    ];

    public static void AddTo(ManifestFiles files, Assembly program) =>
        files.Add(
            "config/webhook/validating-webhooks.yaml",
            new V1ValidatingWebhookConfiguration
            {
                ApiVersion = "admissionregistration.k8s.io/v1",
                Kind = V1ValidatingWebhookConfiguration.KubeKind,
                Metadata = new V1ObjectMeta
                {
                    Name = "admission.stash.appscode.com",
                    Labels = new Dictionary<string, string>
                    {
                        ["app.kubernetes.io/name"] = "granary",
                        ["app.kubernetes.io/component"] = "operator",
                    },
                },
                Webhooks =
                [
                    .. program
                        .GetTypes()
                        .SelectMany(type =>
                            type.CustomAttributes.Where(attribute => attribute.AttributeType.FullName == Attribute)
                                .Select(attribute => Webhook(type, (Type)attribute.ConstructorArguments[0].Value!))
                        )
                        .OrderBy(webhook => webhook.Name, StringComparer.Ordinal),
                ],
            }
        );

    private static V1ValidatingWebhook Webhook(Type type, Type entity)
    {
        var identity = entity
            .CustomAttributes.Single(attribute =>
                attribute.AttributeType.FullName == typeof(KubernetesEntityAttribute).FullName
            )
            .NamedArguments.ToDictionary(
                argument => argument.MemberName,
                argument => (string)argument.TypedValue.Value!
            );
        var (group, version) = (identity["Group"], identity["ApiVersion"]);
        return new V1ValidatingWebhook
        {
            Name = $"validate.{identity["Kind"].ToLowerInvariant()}.{group}.{version}",
            AdmissionReviewVersions = ["v1"],
            ClientConfig = new Admissionregistrationv1WebhookClientConfig
            {
                Service = new Admissionregistrationv1ServiceReference
                {
                    Name = "granary-operator",
                    NamespaceProperty = "granary-system",
                    Port = 443,
                    Path = $"/validate/{entity.Name.ToLowerInvariant()}",
                },
            },

            // Controllers apply the same rules, so an operator that is down must not hold up the cluster.
            FailurePolicy = "Ignore",
            SideEffects = "None",
            TimeoutSeconds = 10,
            Rules =
            [
                new V1RuleWithOperations
                {
                    ApiGroups = [group],
                    ApiVersions = [version],
                    Resources = [identity["PluralName"]],
                    Operations = [.. OperationsOf(type)],
                },
            ],
        };
    }

    private static IEnumerable<string> OperationsOf(Type type)
    {
        var declared = type.GetMethods(
            BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.DeclaredOnly
        );
        return Operations
            .Where(operation =>
                declared.Any(method => method.Name == operation.Prefix || method.Name == operation.Prefix + "Async")
            )
            .Select(operation => operation.Operation);
    }
}
