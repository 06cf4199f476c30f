using k8s.Models;
using KubeOps.Abstractions.Entities.Attributes;

namespace Granary.Api.Common;

/// <summary>Says which namespaces may refer to a Repository.</summary>
public sealed class UsagePolicy
{
    /// <summary>The namespaces that may refer to it.</summary>
    public AllowedNamespaces? AllowedNamespaces { get; set; }

    /// <summary>Decides whether an object in a namespace may refer to a Repository in another.</summary>
    /// <param name="policy">The Repository's policy; none allows the own namespace only.</param>
    /// <param name="ownNamespace">Namespace of the Repository.</param>
    /// <param name="referringNamespace">Namespace of the object that refers to it.</param>
    /// <param name="referringLabels">Labels of the referring Namespace object, for a selector.</param>
    public static bool Allows(
        UsagePolicy? policy,
        string ownNamespace,
        string referringNamespace,
        IDictionary<string, string>? referringLabels
    )
    {
        if (policy is null)
        {
            return ownNamespace == referringNamespace;
        }

        return policy.AllowedNamespaces?.From switch
        {
            NamespacesFrom.All => true,
            NamespacesFrom.Same => ownNamespace == referringNamespace,
            NamespacesFrom.Selector => LabelSelectors.Matches(policy.AllowedNamespaces.Selector, referringLabels),
            _ => false,
        };
    }
}

/// <summary>A set of namespaces.</summary>
public sealed class AllowedNamespaces
{
    /// <summary>All, Same (the Repository's own) or Selector.</summary>
    [EnumValues(NamespacesFrom.All, NamespacesFrom.Selector, NamespacesFrom.Same)]
    [DefaultValue(NamespacesFrom.Same)]
    public string? From { get; set; }

    /// <summary>
    /// Matched against the referring namespace's labels; only looked at when <c>from</c> is Selector.
    /// </summary>
    public V1LabelSelector? Selector { get; set; }
}

/// <summary>The values of <see cref="AllowedNamespaces.From"/>.</summary>
public static class NamespacesFrom
{
    public const string All = "All";
    public const string Selector = "Selector";
    public const string Same = "Same";
}
