using System.Text;

namespace Granary.DevCluster.Api;

/// <summary>Writes kubeconfig files.</summary>
internal static class Kubeconfig
{
    public static string Make(Uri server, string authorityPem, string user, string token, string ns)
    {
        var authority = Convert.ToBase64String(Encoding.UTF8.GetBytes(authorityPem));
        return $"""
            apiVersion: v1
            kind: Config
            clusters:
            - name: devcluster
              cluster:
                server: {server.GetLeftPart(UriPartial.Authority)}
                certificate-authority-data: {authority}
            users:
            - name: {user}
              user:
                token: {token}
            contexts:
            - name: devcluster
              context:
                cluster: devcluster
                user: {user}
                namespace: {ns}
            current-context: devcluster

            """;
    }
}
