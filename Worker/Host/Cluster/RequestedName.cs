using Granary.Api;
using Granary.Api.Names;
using k8s;
using k8s.Models;

namespace Granary.Worker.Cluster;

/// <summary>Names as they go into requests to the API server, and as they come back.</summary>
internal static class RequestedName
{
    /// <summary>Lets only names pass: what is a path would lead to another object than the one it is read as.</summary>
    /// <exception cref="StepFailedException">It is no name.</exception>
    public static void Check(string kind, string? @namespace, string? name)
    {
        if (!DnsName.IsLabel(@namespace))
        {
            throw new StepFailedException(
                $"Cannot ask for a {kind}: \"{DnsName.Shown(@namespace)}\" is not the name of a namespace"
            );
        }

        if (!DnsName.IsSubdomain(name))
        {
            throw new StepFailedException(
                $"Cannot ask for a {kind} of namespace {@namespace}: "
                    + $"\"{DnsName.Shown(name)}\" is not the name of an object"
            );
        }
    }

    /// <summary>One segment of a path, escaped: the official client puts it there as it is.</summary>
    public static string Segment(string name) => Uri.EscapeDataString(name);

    /// <summary>The answer, if it is what was asked for.</summary>
    /// <exception cref="StepFailedException">Its kind, namespace or name is another one.</exception>
    public static T Expect<T>(T answer, string kind, string @namespace, string name)
        where T : IKubernetesObject<V1ObjectMeta> =>
        (string.IsNullOrEmpty(answer.Kind) || answer.Kind == kind)
        && answer.Metadata?.NamespaceProperty == @namespace
        && answer.Metadata.Name == name
            ? answer
            : throw new StepFailedException(
                $"Asked for {kind} {@namespace}/{name}, the API server answered with {answer.Kind} "
                    + $"{answer.Metadata?.NamespaceProperty}/{answer.Metadata?.Name}"
            );
}
