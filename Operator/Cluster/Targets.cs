using Granary.Api.Common;
using Granary.Api.Names;

namespace Granary.Operator.Cluster;

/// <summary>How targets are named and compared.</summary>
internal static class Targets
{
    /// <summary>
    /// The reference with all four fields filled in; a missing target is the EmptyTarget, which always exists (§1.2).
    /// </summary>
    /// <remarks>Documents exist that give kind AppBinding with another apiVersion; the kind decides (D24).</remarks>
    public static TargetRef Qualified(TargetRef? target, string ownNamespace) =>
        target is null or { Kind: null or "", Name: null or "" }
            ? new TargetRef
            {
                ApiVersion = "na",
                Kind = Kinds.EmptyTarget,
                Name = "na",
                Namespace = ownNamespace,
            }
            : new TargetRef
            {
                ApiVersion = IsAppBinding(target) ? Kinds.AppBindingApiVersion : target.ApiVersion,
                Kind = target.Kind,
                Name = target.Name,
                Namespace = target.NamespaceOr(ownNamespace),
            };

    public static bool IsAppBinding(TargetRef target) => target.Kind == Kinds.AppBinding;

    public static bool IsEmpty(TargetRef target) => target.Kind == Kinds.EmptyTarget;

    public static bool Same(TargetRef? one, TargetRef other) =>
        one is not null && Qualified(one, other.Namespace ?? "").IsSameAs(other, other.Namespace);
}
