using Granary.Api.Common;
using Granary.Api.Names;
using Granary.Api.Stash.V1Beta1;
using Granary.Operator.Cluster;
using k8s;
using k8s.Models;

namespace Granary.Operator.Invokers;

/// <summary>What a RestoreSession or a RestoreBatch asks for, in one shape, with every default filled in.</summary>
internal sealed record RestoreInvoker
{
    public required IKubernetesObject<V1ObjectMeta> Owner { get; init; }

    public required ObjectReference Repository { get; init; }

    public required IReadOnlyList<RestoreMember> Members { get; init; }

    public required string Driver { get; init; }

    public required string? TimeOut { get; init; }

    public string Kind => Owner.Kind;

    public string Name => Owner.Metadata.Name;

    public string Namespace => Owner.Metadata.NamespaceProperty;

    public string RepositoryNamespace => Repository.Namespace is { Length: > 0 } other ? other : Namespace;

    public static RestoreInvoker Of(RestoreSession session) =>
        new()
        {
            Owner = session,
            Repository = session.Spec.Repository ?? new ObjectReference(),
            Members =
            [
                new RestoreMember(
                    0,
                    Targets.Qualified(session.Spec.Target?.Ref, session.Metadata.NamespaceProperty),
                    session.Spec,
                    session.Spec.EffectiveRules()
                ),
            ],
            Driver = session.Spec.Driver is { Length: > 0 } driver ? driver : Drivers.Restic,
            TimeOut = session.Spec.TimeOut,
        };
}

/// <summary>One target of a restore.</summary>
/// <param name="Rules">The rules that count for it, from whichever location they were written in.</param>
internal sealed record RestoreMember(int Index, TargetRef Target, RestoreTemplate Template, IReadOnlyList<Rule> Rules)
{
    public string? Alias => Template.Target?.Alias is { Length: > 0 } alias ? alias : null;

    /// <summary>The host that the result is reported under.</summary>
    public string ReportedHost => Alias ?? PodNames.DefaultHost;
}

/// <summary>What one target gets restored, according to its rules.</summary>
/// <param name="Hostname">Its alias if a rule is for it; empty leaves the choice of host to the worker (D12).</param>
/// <param name="SourceHostname">The host whose snapshots count.</param>
internal sealed record RestoreSource(string Hostname, string SourceHostname, Rule? Rule)
{
    /// <summary>
    /// The rule that names the host wins; one without hosts is the fallback. No rules at all mean the latest snapshot;
    /// rules of which none fits mean that somebody expected something else, so nothing is restored (D11).
    /// </summary>
    /// <returns>Null when there are rules and none is for this target.</returns>
    public static RestoreSource? For(RestoreMember member)
    {
        var named = member.Rules.FirstOrDefault(one => one.TargetHosts?.Contains(member.ReportedHost) == true);
        var rule = named ?? member.Rules.FirstOrDefault(one => one.TargetHosts is null or { Count: 0 });
        if (rule is null)
        {
            return member.Rules.Count > 0 ? null : new RestoreSource("", "", null);
        }

        var host = named is not null ? member.ReportedHost : member.Alias ?? "";
        return new RestoreSource(host, rule.SourceHost is { Length: > 0 } source ? source : host, rule);
    }
}
