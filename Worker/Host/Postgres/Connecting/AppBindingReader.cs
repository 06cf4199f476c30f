using System.Text;
using Granary.Api.AppCatalog.V1Alpha1;
using Granary.Api.Names;
using Granary.Worker.Cluster;

namespace Granary.Worker.Postgres.Connecting;

/// <summary>Collects what an AppBinding says about a PostgreSQL server.</summary>
/// <param name="cluster">The API server.</param>
/// <param name="options">Where Secrets are mounted.</param>
/// <param name="redactor">Is told of every password.</param>
internal sealed class AppBindingReader(ClusterClient cluster, WorkerOptions options, Redactor redactor)
{
    private readonly SecretReader _secrets = new(() => cluster);

    /// <summary>Reads the AppBinding and its Secrets.</summary>
    /// <param name="namespace">Its namespace.</param>
    /// <param name="name">Its name.</param>
    /// <param name="user">The Task's parameter <c>user</c>.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    /// <exception cref="StepFailedException">The AppBinding or one of its Secrets is missing or unreadable.</exception>
    public async Task<ConnectionFacts> ReadAsync(
        string @namespace,
        string name,
        string? user,
        CancellationToken cancellationToken
    )
    {
        var appBinding = await cluster.ReadAsync<AppBinding>(@namespace, name, cancellationToken);
        var service = appBinding.Spec.ClientConfig.Service;
        return new ConnectionFacts
        {
            Source = $"{@namespace}/{name}",
            ServiceHost = service is null ? null : $"{service.Name}.{Given(service.Namespace) ?? @namespace}.svc",
            ServicePort = service?.Port ?? 0,
            ServiceQuery = service?.Query,
            Url = Given(appBinding.Spec.ClientConfig.Url),
            CaBundle = CaBundle(appBinding, $"{@namespace}/{name}"),
            Credentials = await CredentialsAsync(appBinding, @namespace, cancellationToken),
            Tls = await TlsAsync(appBinding, @namespace, cancellationToken),
            User = Given(user),
        };
    }

    private async Task<IReadOnlyDictionary<string, byte[]>?> CredentialsAsync(
        AppBinding appBinding,
        string @namespace,
        CancellationToken cancellationToken
    )
    {
        if (Given(appBinding.Spec.Secret?.Name) is not { } secret)
        {
            return null;
        }

        var data = await _secrets.ReadAsync(options.DatabaseSecretDirectory, @namespace, secret, cancellationToken);
        var credentials = await SecretTransforms.ApplyAsync(data, appBinding.Spec.SecretTransforms ?? [], name =>
            _secrets.ReadAsync(Below(options.TransformSecretsDirectory, name), @namespace, name, cancellationToken)
        );
        foreach (var key in new[] { SecretKeys.Password, SecretKeys.PostgresPassword })
        {
            redactor.Add(credentials.TryGetValue(key, out var value) ? Encoding.UTF8.GetString(value) : null);
        }

        return credentials;
    }

    private async Task<IReadOnlyDictionary<string, byte[]>?> TlsAsync(
        AppBinding appBinding,
        string @namespace,
        CancellationToken cancellationToken
    ) =>
        Given(appBinding.Spec.TlsSecret?.Name) is { } secret
            ? await _secrets.ReadAsync(options.TlsSecretDirectory, @namespace, secret, cancellationToken)
            : null;

    private static ReadOnlyMemory<byte> CaBundle(AppBinding appBinding, string source)
    {
        try
        {
            return Convert.FromBase64String(appBinding.Spec.ClientConfig.CaBundle ?? "");
        }
        catch (FormatException e)
        {
            throw new StepFailedException($"AppBinding {source}: clientConfig.caBundle is not base64", e);
        }
    }

    private static string? Below(string? directory, string name) =>
        directory is null ? null : Path.Combine(directory, name);

    private static string? Given(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
