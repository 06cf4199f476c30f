using Granary.EndToEnd;
using Granary.TestSupport;
using k8s;
using k8s.Models;

namespace Granary.Demo;

/// <summary>The YAML under <c>config/samples</c>, which the demo applies as it is.</summary>
internal static class Samples
{
    /// <summary>The namespace that the samples use.</summary>
    public const string Namespace = "demo";

    /// <summary>Reads a sample's text.</summary>
    public static string Read(string name) => File.ReadAllText(PathOf(name));

    /// <summary>The file of a sample.</summary>
    public static string PathOf(string name) => Path.Combine(RepositoryRoot.Path, "config", "samples", $"{name}.yaml");

    /// <summary>A value of a sample Secret, by file, Secret name and key.</summary>
    public static string SecretValue(string file, string secret, string key) =>
        KubernetesYaml
            .LoadAllFromString(Read(file))
            .OfType<V1Secret>()
            .Single(candidate => candidate.Metadata.Name == secret)
            .StringData[key];

    /// <summary>A Kubernetes object of the samples' storage: where restic finds the repository.</summary>
    public static string ResticLocation(string endpoint, string prefix) =>
        $"s3:{endpoint}/{StageNames.Bucket}/{prefix}";
}
