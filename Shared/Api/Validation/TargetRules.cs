using FluentValidation;
using Granary.Api.Common;
using Granary.Api.Names;

namespace Granary.Api.Validation;

/// <summary>Rules for what is backed up or restored into.</summary>
internal sealed class TargetRefValidator : AbstractValidator<TargetRef>
{
    public TargetRefValidator()
    {
        RuleFor(target => target.Kind)
            .Cascade(CascadeMode.Stop)
            .Given("kind of the target, such as AppBinding")
            .Must(kind => kind == Kinds.AppBinding || Kinds.Workloads.Contains(kind!))
            .WithMessage(
                "Unsupported value: \"{PropertyValue}\": known kinds are AppBinding, "
                    + string.Join(", ", Kinds.Workloads.Order(StringComparer.Ordinal))
            );
        RuleFor(target => target.Name).Given("name of the target").ObjectName();
        RuleFor(target => target.Namespace).NamespaceName();
    }
}

/// <summary>Rules that need the whole object.</summary>
internal static class TargetRules
{
    /// <summary>What runs next to a workload's own pods cannot reach into another namespace.</summary>
    public static string? NamespaceProblem(TargetRef? target, string? ownNamespace) =>
        target is { Namespace.Length: > 0, Kind: { } kind }
        && !string.IsNullOrEmpty(ownNamespace)
        && target.Namespace != ownNamespace
        && Kinds.Workloads.Contains(kind)
            ? $"Forbidden: a {kind} of another namespace cannot be a target"
            : null;
}
