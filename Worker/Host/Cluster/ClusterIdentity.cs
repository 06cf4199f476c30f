using System.Security.Cryptography;

namespace Granary.Worker.Cluster;

/// <summary>Tells clusters apart, for locks in a repository that several of them share.</summary>
/// <remarks>
/// A lock names its owner's Pod. "No such Pod" means a dead owner only where that Pod lived in this very cluster, so
/// locks carry a digest of the cluster's certificate authority, which every Pod with a service account can read.
/// </remarks>
internal static class ClusterIdentity
{
    private const string AuthorityFile = "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt";
    private const int DigestLength = 16;

    /// <summary>
    /// The user name for locks, keys and snapshots: <c>granary@&lt;digest&gt;</c> in a cluster, elsewhere the name of
    /// who runs the program.
    /// </summary>
    public static string UserName(string authorityFile = AuthorityFile) =>
        File.Exists(authorityFile)
            ? $"granary@{Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(authorityFile)))[..DigestLength]}"
        : Environment.UserName is { Length: > 0 } user ? user
        : "granary";

    /// <summary>Whether a lock of that user was taken in this cluster for sure.</summary>
    public static bool IsOurs(string lockUser, string ownUser) => ownUser.Contains('@') && lockUser == ownUser;
}
