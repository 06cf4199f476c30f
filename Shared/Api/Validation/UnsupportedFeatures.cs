using FluentValidation.Results;
using Granary.Api.Common;
using Granary.Api.Names;
using Granary.Api.Stash.V1Beta1;

namespace Granary.Api.Validation;

/// <summary>What the schema accepts for Stash's sake and Granary cannot do yet.</summary>
/// <remarks>
/// Reported on the object by its controller and not refused at admission, so that mixed manifests still apply.
/// Source: stash-behaviour D19.
/// </remarks>
public static class UnsupportedFeatures
{
    /// <summary>What a BackupConfiguration asks for in vain; empty when it can be carried out.</summary>
    public static IReadOnlyList<ValidationFailure> Of(BackupConfiguration configuration) =>
        Of(configuration.Spec.Driver, configuration.Spec.Target?.Ref);

    /// <summary>What a RestoreSession asks for in vain; empty when it can be carried out.</summary>
    public static IReadOnlyList<ValidationFailure> Of(RestoreSession session) =>
        Of(session.Spec.Driver, session.Spec.Target?.Ref);

    private static List<ValidationFailure> Of(string? driver, TargetRef? target)
    {
        List<ValidationFailure> failures = [];
        if (driver == Drivers.VolumeSnapshotter)
        {
            failures.Add(new("spec.driver", "VolumeSnapshotter is not supported yet; use Restic"));
        }

        if (target?.Kind is { } kind && Kinds.Workloads.Contains(kind))
        {
            failures.Add(
                new("spec.target.ref.kind", $"targets of kind {kind} are not supported yet; use an AppBinding")
            );
        }

        return failures;
    }
}
