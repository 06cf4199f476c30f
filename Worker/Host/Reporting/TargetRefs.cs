using Granary.Api.Common;
using Granary.Api.Names;

namespace Granary.Worker.Reporting;

/// <summary>Compares references to targets.</summary>
internal static class TargetRefs
{
    /// <summary>Whether both name the same object.</summary>
    /// <param name="left">One reference.</param>
    /// <param name="right">The other.</param>
    /// <param name="defaultNamespace">Namespace of the referring object.</param>
    public static bool Match(TargetRef? left, TargetRef? right, string defaultNamespace) =>
        left is not null
        && right is not null
        && left.Name == right.Name
        && left.Kind == right.Kind
        && Given(left.Namespace, defaultNamespace) == Given(right.Namespace, defaultNamespace)
        // Documents give AppBindings all sorts of API versions (D24).
        && (
            left.Kind == Kinds.AppBinding
            || string.IsNullOrEmpty(left.ApiVersion)
            || string.IsNullOrEmpty(right.ApiVersion)
            || left.ApiVersion == right.ApiVersion
        );

    private static string Given(string? @namespace, string otherwise) =>
        string.IsNullOrEmpty(@namespace) ? otherwise : @namespace;
}
