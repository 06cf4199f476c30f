using System.Text.Json.Nodes;

namespace Granary.DevCluster.Api.Discovery;

/// <summary>The version of Kubernetes whose behaviour is imitated.</summary>
internal static class ServerVersion
{
    public static JsonObject ToJson() =>
        new()
        {
            ["major"] = "1",
            ["minor"] = "36",
            ["emulationMajor"] = "1",
            ["emulationMinor"] = "36",
            ["minCompatibilityMajor"] = "1",
            ["minCompatibilityMinor"] = "35",
            ["gitVersion"] = "v1.36.2",
            ["gitCommit"] = "$Format:%H$",
            ["gitTreeState"] = string.Empty,
            ["buildDate"] = "1970-01-01T00:00:00Z",
            ["goVersion"] = "go1.26.10",
            ["compiler"] = "gc",
            ["platform"] = "linux/amd64",
        };
}
