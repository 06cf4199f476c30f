using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Errors;
using Granary.DevCluster.Api.Json;

namespace Granary.DevCluster.Api.PodSecurity;

/// <summary>How much the Pod Security Standards take away, from nothing to nearly all.</summary>
internal enum PodSecurityLevel
{
    Privileged,
    Baseline,
    Restricted,
}

/// <summary>A level as the labels of a namespace name it.</summary>
/// <param name="Version">Shown in messages; the rules are those of the newest version, whatever it says.</param>
internal sealed record PodSecurityRule(PodSecurityLevel Level, string Version)
{
    public override string ToString() => $"{Level.ToString().ToLowerInvariant()}:{Version}";
}

/// <summary>What a namespace refuses, and of what it only warns.</summary>
internal sealed record PodSecurityPolicy(PodSecurityRule Enforce, PodSecurityRule Warn)
{
    private const string Prefix = "pod-security.kubernetes.io/";
    private static readonly string[] Modes = ["enforce", "warn", "audit"];

    /// <summary>Warnings follow what is enforced where the namespace says nothing else.</summary>
    /// <param name="ns">The namespace.</param>
    public static PodSecurityPolicy Read(JsonObject? ns)
    {
        var labels = ns.ObjectAt("metadata", "labels");
        var enforce = Rule(labels, "enforce");
        return new(enforce, labels?[$"{Prefix}warn"] is null ? enforce : Rule(labels, "warn"));
    }

    /// <summary>What is wrong with the labels of a namespace.</summary>
    public static IEnumerable<FieldError> Validate(JsonObject ns)
    {
        var labels = ns.ObjectAt("metadata", "labels");
        foreach (var mode in Modes)
        {
            if (labels?.TextAt(Prefix + mode) is { } text && Level(text) is null)
            {
                yield return FieldError.Invalid(
                    $"metadata.labels[{Prefix}{mode}]",
                    text,
                    "must be one of privileged, baseline, restricted"
                );
            }
        }
    }

    private static PodSecurityRule Rule(JsonObject? labels, string mode)
    {
        if (labels?.TextAt(Prefix + mode) is not { } text)
        {
            return new(PodSecurityLevel.Privileged, "latest");
        }

        return new(Level(text) ?? PodSecurityLevel.Restricted, labels.TextAt($"{Prefix}{mode}-version") ?? "latest");
    }

    private static PodSecurityLevel? Level(string text) =>
        text switch
        {
            "privileged" => PodSecurityLevel.Privileged,
            "baseline" => PodSecurityLevel.Baseline,
            "restricted" => PodSecurityLevel.Restricted,
            _ => null,
        };
}
