using System.Reflection;
using k8s.Models;
using KubeOps.Abstractions.Rbac;

namespace KubeOps.Transpiler;

/// <summary>Makes policy rules from rbac attributes.</summary>
public static class Rbac
{
    private static readonly (RbacVerb Verb, string Name)[] ExplicitVerbs =
    [
        (RbacVerb.Get, "get"),
        (RbacVerb.List, "list"),
        (RbacVerb.Watch, "watch"),
        (RbacVerb.Create, "create"),
        (RbacVerb.Update, "update"),
        (RbacVerb.Patch, "patch"),
        (RbacVerb.Delete, "delete"),
    ];

    /// <summary>The rules, sorted by group and resource. Other attributes are skipped.</summary>
    /// <remarks>
    /// Verbs of the same entity add up; entities of one group with equal verbs share a rule. Every entity with a status
    /// gets a rule for its sub-resource. Rights on finalizers sub-resources must be asked for by <c>GenericRbac</c>.
    /// </remarks>
    public static IEnumerable<V1PolicyRule> Transpile(
        this MetadataLoadContext context,
        IEnumerable<CustomAttributeData> attributes
    )
    {
        var all = attributes.ToList();
        return
        [
            .. EntityRules(context, all.Where(a => IsOf<EntityRbacAttribute>(a)))
                .Concat(all.Where(a => IsOf<GenericRbacAttribute>(a)).Select(GenericRule))
                .OrderBy(rule => rule.ApiGroups?.FirstOrDefault(), StringComparer.Ordinal)
                .ThenBy(rule => rule.Resources?.FirstOrDefault(), StringComparer.Ordinal),
        ];
    }

    private static bool IsOf<T>(CustomAttributeData attribute) =>
        attribute.AttributeType.FullName == typeof(T).FullName;

    private static V1PolicyRule GenericRule(CustomAttributeData attribute) =>
        new()
        {
            ApiGroups = Texts(attribute, nameof(GenericRbacAttribute.Groups)),
            Resources = Texts(attribute, nameof(GenericRbacAttribute.Resources)),
            NonResourceURLs = Texts(attribute, nameof(GenericRbacAttribute.Urls)),
            Verbs = Names(Verbs(attribute)),
        };

    private static IEnumerable<V1PolicyRule> EntityRules(
        MetadataLoadContext context,
        IEnumerable<CustomAttributeData> attributes
    )
    {
        var wishes = attributes
            .SelectMany(a =>
                a.ConstructorArguments[0]
                    .Items()
                    .OfType<Type>()
                    .Select(type => (Type: context.View(type), Verbs: Verbs(a)))
            )
            .GroupBy(wish => wish.Type.FullName)
            .Select(group =>
                (
                    group.First().Type,
                    Entities.ToEntityMetadata(group.First().Type).Metadata,
                    Verbs: group.Aggregate(RbacVerb.None, (verbs, wish) => verbs | wish.Verbs)
                )
            )
            .ToList();

        var main = wishes
            .GroupBy(wish => (Group: wish.Metadata.Group ?? string.Empty, Verbs: string.Join(',', Names(wish.Verbs))))
            .Select(group => new V1PolicyRule
            {
                ApiGroups = [group.Key.Group],
                Resources =
                [
                    .. group.Select(wish => wish.Metadata.PluralName).Distinct().Order(StringComparer.Ordinal),
                ],
                Verbs = Names(group.First().Verbs),
            });
        var status = wishes
            .Where(wish => Status.Is(wish.Type))
            .Select(wish => new V1PolicyRule
            {
                ApiGroups = [wish.Metadata.Group ?? string.Empty],
                Resources = [$"{wish.Metadata.PluralName}/status"],
                Verbs = ["get", "update", "patch"],
            });
        return main.Concat(status);
    }

    private static RbacVerb Verbs(CustomAttributeData attribute) =>
        (RbacVerb)attribute.Named<int>(nameof(EntityRbacAttribute.Verbs));

    private static List<string> Names(RbacVerb verbs) =>
        verbs.HasFlag(RbacVerb.All) ? ["*"]
        : verbs.HasFlag(RbacVerb.AllExplicit) ? [.. ExplicitVerbs.Select(v => v.Name)]
        : [.. ExplicitVerbs.Where(v => verbs.HasFlag(v.Verb)).Select(v => v.Name)];

    private static List<string>? Texts(CustomAttributeData attribute, string name) =>
        attribute.NamedArguments.FirstOrDefault(a => a.MemberName == name).TypedValue.Items().OfType<string>().ToList()
            is { Count: > 0 } texts
            ? texts
            : null;
}
