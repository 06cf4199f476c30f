using Granary.Api.Common;
using Granary.Api.Stash.V1Beta1;
using Granary.Api.Validation;

namespace Granary.Api.Tests.Validation;

public sealed class RestoreSessionValidatorTests
{
    public static TheoryData<string, Rule[]> Spoilt =>
        new()
        {
            {
                "[1].targetHosts: Required value: only one rule may leave its hosts open",
                [new() { Snapshots = ["latest"] }, new() { TargetHosts = [] }]
            },
            {
                "[1].targetHosts: Duplicate value: \"host-0\": a host may be in one rule only",
                [new() { TargetHosts = ["host-0"] }, new() { TargetHosts = ["host-1", "host-0"] }]
            },
            {
                "[1].snapshots: Forbidden: snapshots and paths exclude each other",
                [new() { TargetHosts = ["host-0"] }, new() { Snapshots = ["latest"], Paths = ["/data"] }]
            },
            {
                "[0].snapshots: Too many: a database is restored from one snapshot",
                [new() { Snapshots = ["5a3f2b1c", "latest"] }]
            },
        };

    [Theory]
    [MemberData(nameof(Spoilt), DisableDiscoveryEnumeration = true)]
    public void Rules_are_checked_at_both_places(string expected, Rule[] rules)
    {
        var session = Samples.RestoreSession();
        session.Spec.Target!.Rules = [.. rules];
        Assert.Equal($"spec.target.rules{expected}", AdmissionRules.Create(session).Describe());

        session.Spec.Target.Rules = null;
        session.Spec.Rules = [.. rules];
        Assert.Equal($"spec.rules{expected}", AdmissionRules.Create(session).Describe());
    }

    [Fact]
    public void A_rule_for_one_host_and_one_for_the_rest_are_accepted()
    {
        var session = Samples.RestoreSession();
        session.Spec.Target!.Rules =
        [
            new() { TargetHosts = ["host-3"], SourceHost = "host-0" },
            new() { Snapshots = ["latest"] },
        ];

        Assert.Equal("", AdmissionRules.Create(session).Describe());
    }

    [Fact]
    public void The_rules_under_target_count_before_those_at_the_deprecated_place()
    {
        var spec = new RestoreSessionSpec { Rules = [new() { SourceHost = "old" }] };
        Assert.Equal("old", Assert.Single(spec.EffectiveRules()).SourceHost);

        spec.Target = new() { Rules = [new() { SourceHost = "new" }] };
        Assert.Equal("new", Assert.Single(spec.EffectiveRules()).SourceHost);
        Assert.Empty(new RestoreSessionSpec().EffectiveRules());
    }

    [Fact]
    public void Target_repository_and_deadline_are_checked()
    {
        var session = Samples.RestoreSession();
        (session.Spec.Target, session.Spec.Repository, session.Spec.TimeOut) = (null, null, "long");

        Assert.Equal(
            ["spec.target", "spec.timeOut", "spec.repository"],
            AdmissionRules.Create(session).Errors.Select(error => error.PropertyName)
        );
    }

    [Fact]
    public void The_spec_never_changes()
    {
        var (old, changed) = (Samples.RestoreSession(), Samples.RestoreSession());
        changed.Metadata.Labels = new Dictionary<string, string> { ["team"] = "db" };
        Assert.Equal("", AdmissionRules.Update(old, changed).Describe());

        changed.Spec.TimeOut = "1h";
        Assert.Equal(
            "spec: Forbidden: a RestoreSession runs once and cannot change; create another one",
            AdmissionRules.Update(old, changed).Describe()
        );

        changed.Metadata.DeletionTimestamp = DateTime.UnixEpoch;
        Assert.Equal("", AdmissionRules.Update(old, changed).Describe());
    }

    [Fact]
    public void The_order_of_labels_in_a_spec_is_not_a_change()
    {
        RestoreSession With(params string[] keys)
        {
            var session = Samples.RestoreSession();
            session.Spec.RuntimeSettings = new()
            {
                Pod = new() { PodLabels = keys.ToDictionary(key => key, key => key) },
            };
            return session;
        }

        Assert.Equal("", AdmissionRules.Update(With("a", "b"), With("b", "a")).Describe());
    }

    [Fact]
    public void A_workload_target_is_admitted_and_reported_as_not_supported_yet()
    {
        var session = Samples.RestoreSession();
        session.Spec.Target!.Ref!.Kind = "Deployment";

        Assert.Equal("", AdmissionRules.Create(session).Describe());
        Assert.Equal("spec.target.ref.kind", Assert.Single(UnsupportedFeatures.Of(session)).PropertyName);
    }
}
