using System.CommandLine;
using Granary.Access;
using Granary.Api.Common;
using Granary.Api.Names;
using Granary.Worker.Cluster;

namespace Granary.Worker.Commands.Flags;

/// <summary>
/// The flags by which the operator tells a step where the repository is. Source: stash-behaviour §3.5, §3.6.
/// </summary>
internal sealed class StorageOptions
{
    private readonly Option<string> _provider = Flag.Text(
        "--provider",
        "Storage provider: local, s3, gcs, azure, swift, b2 or rest."
    );
    private readonly Option<string> _bucket = Flag.Text("--bucket", "Bucket, container, mount path or host.");
    private readonly Option<string> _endpoint = Flag.Text("--endpoint", "Endpoint of S3, or the REST server's URL.");
    private readonly Option<bool> _insecureTls = Flag.Switch("--insecure-tls", "Accept any server certificate.");
    private readonly Option<string> _region = Flag.Text("--region", "Region of the S3 bucket.");
    private readonly Option<string> _path = Flag.Text("--path", "Folder in the bucket.");
    private readonly Option<string> _secretName = Flag.Text(
        "--storage-secret-name",
        "Secret with the repository's password and the provider's credentials."
    );
    private readonly Option<string> _secretNamespace = Flag.Text(
        "--storage-secret-namespace",
        "Namespace of that Secret."
    );
    private readonly Option<string> _secretDirectory = Flag.Text(
        "--secret-dir",
        "Where that Secret is mounted, if the environment does not say."
    );
    private readonly Option<long> _maxConnections = Flag.Number(
        "--max-connections",
        "The most connections at once; 0 for the provider's default."
    );
    private readonly Option<string> _namespace = Flag.Text("--namespace", "Namespace of the session.");
    private readonly Option<string> _scratch = Flag.Text(
        "--scratch-dir",
        "Folder for small temporary files.",
        DefaultScratch()
    );

    /// <summary>Adds the flags to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (
            var option in new Option[]
            {
                _provider,
                _bucket,
                _endpoint,
                _insecureTls,
                _region,
                _path,
                _secretName,
                _secretNamespace,
                _secretDirectory,
                _maxConnections,
                _namespace,
                _scratch,
            }
        )
        {
            command.Options.Add(option);
        }

        // Taken from every Function of the catalog: we keep no cache on disk, and there is no license.
        command.Options.Add(new Option<string>("--enable-cache") { Hidden = true, Arity = ArgumentArity.ZeroOrOne });
        command.Options.Add(
            new Option<string>("--license-apiservice") { Hidden = true, Arity = ArgumentArity.ZeroOrOne }
        );
    }

    /// <summary>Namespace of the session: the flag, else the Pod's.</summary>
    /// <exception cref="StepFailedException">Neither says.</exception>
    public string Namespace(ParseResult parsed, WorkerServices services) =>
        parsed.GetValue(_namespace) is { Length: > 0 } given
            ? given
            : services.Options.PodNamespace
                ?? throw new StepFailedException("Which namespace? Give --namespace, or set POD_NAMESPACE");

    /// <summary>Folder for temporary files.</summary>
    public string ScratchDirectory(ParseResult parsed) => parsed.GetValue(_scratch) ?? DefaultScratch();

    /// <summary>Whether the flags say where the repository is.</summary>
    public bool IsGiven(ParseResult parsed) => parsed.GetValue(_provider) is { Length: > 0 };

    /// <summary>Where the repository is, by the flags.</summary>
    public BackendLocation Location(ParseResult parsed)
    {
        var provider = parsed.GetValue(_provider) ?? "";
        return new(
            provider,
            parsed.GetValue(_bucket) ?? "",
            parsed.GetValue(_path) ?? "",
            parsed.GetValue(_endpoint),
            provider == Providers.S3 ? parsed.GetValue(_region) ?? "" : null,
            parsed.GetValue(_insecureTls),
            parsed.GetValue(_maxConnections)
        );
    }

    /// <summary>
    /// Where the repository is, and its credentials: from the mounted Secret, else through the API, else the
    /// environment.
    /// </summary>
    /// <exception cref="StepFailedException">The flags do not say, or the Secret is missing.</exception>
    public async Task<BackendSettings> ReadAsync(
        ParseResult parsed,
        WorkerServices services,
        CancellationToken cancellationToken
    )
    {
        if (!IsGiven(parsed))
        {
            return services.Options.Variable("RESTIC_REPOSITORY") is { } location
                ? new(
                    RepositoryLocation.Parse(location),
                    StorageCredentials.OfEnvironment(services.Options.Variable, services.Redactor)
                )
                : throw new StepFailedException(
                    "Where is the repository? Give --provider and the flags that go with it"
                );
        }

        return new(Location(parsed), await CredentialsAsync(parsed, services, cancellationToken));
    }

    private async Task<StorageCredentials> CredentialsAsync(
        ParseResult parsed,
        WorkerServices services,
        CancellationToken cancellationToken
    )
    {
        var directory = parsed.GetValue(_secretDirectory) is { Length: > 0 } given
            ? given
            : services.Options.StorageSecretDirectory;
        var name = parsed.GetValue(_secretName) ?? "";
        if (directory is null && name.Length == 0)
        {
            return StorageCredentials.OfEnvironment(services.Options.Variable, services.Redactor);
        }

        var @namespace = parsed.GetValue(_secretNamespace) is { Length: > 0 } named
            ? named
            : Namespace(parsed, services);
        var data = await new SecretReader(() => services.Cluster).ReadAsync(
            directory,
            @namespace,
            name,
            cancellationToken
        );
        return StorageCredentials.Of(
            data,
            name.Length > 0 ? $"Secret {@namespace}/{name}" : $"The Secret at {directory}",
            services.Redactor
        );
    }

    private static string DefaultScratch() =>
        Directory.Exists(PodNames.ScratchDir) ? PodNames.ScratchDir : Path.GetTempPath();
}
