using System.Security.Cryptography;
using System.Text;
using k8s;
using k8s.Models;

namespace Granary.DevCluster.Controllers.Workloads;

/// <summary>The <c>pod-template-hash</c>: stable for a template, in the alphabet of generated names.</summary>
internal static class TemplateHash
{
    private const string Alphabet = "bcdfghjklmnpqrstvwxz2456789";

    public static string Of(V1PodTemplateSpec template)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(KubernetesJson.Serialize(template)));
        return string.Concat(hash.Take(10).Select(b => Alphabet[b % Alphabet.Length]));
    }
}
