using FluentValidation;
using FluentValidation.Results;
using Granary.Api.Common;
using Granary.Api.Names;

namespace Granary.Api.Validation;

/// <summary>Rules for the rules of a restore, at whichever of their two places.</summary>
internal static class RestoreRuleChecks
{
    /// <summary>Adds a failure for everything that is wrong with a list of rules.</summary>
    /// <param name="rules">The rules.</param>
    /// <param name="target">What is restored into: a database takes one snapshot.</param>
    /// <param name="context">Context of the property that holds the rules.</param>
    public static void Run<T>(IReadOnlyList<Rule>? rules, TargetRef? target, ValidationContext<T> context)
    {
        var hosts = new HashSet<string>(StringComparer.Ordinal);
        var forAllHosts = false;
        for (var i = 0; i < (rules?.Count ?? 0); i++)
        {
            var rule = rules![i];
            var path = $"{context.PropertyPath}[{i}]";
            void Fail(string member, string message) =>
                context.AddFailure(new ValidationFailure($"{path}.{member}", message));

            if (rule.TargetHosts is not { Count: > 0 })
            {
                if (forAllHosts)
                {
                    Fail(nameof(Rule.TargetHosts), "Required value: only one rule may leave its hosts open");
                }

                forAllHosts = true;
            }

            foreach (var host in rule.TargetHosts ?? [])
            {
                if (!hosts.Add(host))
                {
                    Fail(nameof(Rule.TargetHosts), $"Duplicate value: \"{host}\": a host may be in one rule only");
                }
            }

            if (rule.Snapshots is { Count: > 0 } && rule.Paths is { Count: > 0 })
            {
                Fail(nameof(Rule.Snapshots), "Forbidden: snapshots and paths exclude each other");
            }

            if (rule.Snapshots is { Count: > 1 } && target?.Kind == Kinds.AppBinding)
            {
                Fail(nameof(Rule.Snapshots), "Too many: a database is restored from one snapshot");
            }
        }
    }
}
