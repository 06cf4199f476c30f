using System.Reflection;
using k8s.Models;
using KubeOps.Abstractions.Entities;
using KubeOps.Operator.Web.Webhooks.Admission.Mutation;
using KubeOps.Operator.Web.Webhooks.Admission.Validation;
using KubeOps.Transpiler;

namespace KubeOps.Operator.Web.Webhooks.Registration;

/// <summary>A webhook class: which entity it is for, and where it is served.</summary>
internal sealed record WebhookClass(EntityMetadata Entity, string Path);

/// <summary>Finds webhook classes that derive directly from the base classes.</summary>
internal static class WebhookDiscovery
{
    public static IReadOnlyList<WebhookClass> Validators(Assembly assembly) =>
        Find(assembly, typeof(ValidationWebhook<>), WebhookPaths.Validation);

    public static IReadOnlyList<WebhookClass> Mutators(Assembly assembly) =>
        Find(assembly, typeof(MutationWebhook<>), WebhookPaths.Mutation);

    private static List<WebhookClass> Find(Assembly assembly, Type baseClass, Func<Type, string> conventionalPath) =>
        [
            .. assembly
                .GetTypes()
                .Where(type =>
                    !type.IsAbstract
                    && type.BaseType is { IsGenericType: true } parent
                    && parent.GetGenericTypeDefinition() == baseClass
                )
                .OrderBy(type => type.FullName, StringComparer.Ordinal)
                .Select(type =>
                {
                    var entity = type.BaseType!.GetGenericArguments()[0];
                    var path = type.GetCustomAttributes()
                        .OfType<IWebhookAttribute>()
                        .FirstOrDefault()
                        ?.Uri.OriginalString
                        ?? conventionalPath(entity);
                    return new WebhookClass(Entities.ToEntityMetadata(entity).Metadata, path);
                }),
        ];
}
