using Granary.Api;
using Granary.Api.Names;
using Microsoft.Extensions.Logging;

namespace Granary.Worker;

/// <summary>
/// What the environment says: who this process is, and where its secrets are mounted. Every variable we read is here.
/// </summary>
internal sealed record WorkerOptions
{
    private const string ServiceAccountNamespaceFile = "/var/run/secrets/kubernetes.io/serviceaccount/namespace";

    /// <summary><c>POD_NAME</c>: the Pod we run in; null outside of Kubernetes.</summary>
    public string? PodName { get; init; }

    /// <summary><c>POD_NAMESPACE</c>, else the namespace of the service account.</summary>
    public string? PodNamespace { get; init; }

    /// <summary><c>POD_UID</c>.</summary>
    public string? PodUid { get; init; }

    /// <summary><c>GRANARY_STORAGE_SECRET_DIR</c>: the Repository's storage Secret, one file per key.</summary>
    public string? StorageSecretDirectory { get; init; }

    /// <summary><c>GRANARY_DATABASE_SECRET_DIR</c>: the AppBinding's <c>spec.secret</c>.</summary>
    public string? DatabaseSecretDirectory { get; init; }

    /// <summary><c>GRANARY_TLS_SECRET_DIR</c>: the AppBinding's <c>spec.tlsSecret</c>.</summary>
    public string? TlsSecretDirectory { get; init; }

    /// <summary>
    /// <c>GRANARY_TRANSFORM_SECRETS_DIR</c>: a folder per Secret that a <c>secretTransforms[].addKeysFrom</c> names.
    /// </summary>
    public string? TransformSecretsDirectory { get; init; }

    /// <summary>
    /// <c>GRANARY_PG_BIN_DIRS</c>: roots with <c>&lt;major&gt;/bin</c>, separated by colons, before the packaged ones.
    /// </summary>
    public string? PostgresBinaryRoots { get; init; }

    /// <summary>
    /// <c>GRANARY_STORAGE_RETRY_TIMEOUT</c>: for how long a storage operation is tried again, as a Go duration.
    /// Default: 15m.
    /// </summary>
    public TimeSpan StorageRetryTimeout { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>
    /// <c>GRANARY_LOG_FORMAT</c>: <c>json</c> or <c>text</c>. Default: text, which <c>kubectl logs</c> shows to people.
    /// </summary>
    public bool LogsJson { get; init; }

    /// <summary><c>GRANARY_LOG_LEVEL</c>: Debug, Information, Warning or Error. Default: Information.</summary>
    public LogLevel LogLevel { get; init; } = LogLevel.Information;

    /// <summary>
    /// Every variable, for what users of restic set by hand: <c>RESTIC_REPOSITORY</c>, <c>AWS_ACCESS_KEY_ID</c> …
    /// </summary>
    public required Func<string, string?> Variable { get; init; }

    /// <summary>Whether we run in a Pod.</summary>
    public bool IsInPod => PodName is not null;

    /// <summary>Reads the environment.</summary>
    /// <param name="variable">Answers a variable's value, or null.</param>
    /// <exception cref="StepFailedException">A value is none of those allowed.</exception>
    public static WorkerOptions From(Func<string, string?> variable)
    {
        var format = Given("GRANARY_LOG_FORMAT") ?? "text";
        var level = Given("GRANARY_LOG_LEVEL") ?? nameof(LogLevel.Information);
        var retryTimeout = Given("GRANARY_STORAGE_RETRY_TIMEOUT") ?? "15m";
        return new WorkerOptions
        {
            Variable = Given,
            PodName = Given(PodNames.PodNameVariable),
            PodNamespace = Given(PodNames.PodNamespaceVariable) ?? ServiceAccountNamespace(),
            PodUid = Given(PodNames.PodUidVariable),
            StorageSecretDirectory = Given(PodNames.StorageSecretDirVariable),
            DatabaseSecretDirectory = Given(PodNames.DatabaseSecretDirVariable),
            TlsSecretDirectory = Given(PodNames.TlsSecretDirVariable),
            TransformSecretsDirectory = Given(PodNames.TransformSecretsDirVariable),
            PostgresBinaryRoots = Given("GRANARY_PG_BIN_DIRS"),
            StorageRetryTimeout =
                GoDuration.TryParse(retryTimeout, out var patience) && patience > TimeSpan.Zero
                    ? patience
                    : throw new StepFailedException(
                        $"GRANARY_STORAGE_RETRY_TIMEOUT is '{retryTimeout}'; it has to be a duration such as 90s or 15m"
                    ),
            LogsJson = format switch
            {
                "json" => true,
                "text" => false,
                _ => throw new StepFailedException($"GRANARY_LOG_FORMAT is '{format}'; it may be json or text"),
            },
            LogLevel = Enum.TryParse<LogLevel>(level, ignoreCase: true, out var parsed)
                ? parsed
                : throw new StepFailedException(
                    $"GRANARY_LOG_LEVEL is '{level}'; it may be Debug, Information, Warning or Error"
                ),
        };

        string? Given(string name) => variable(name) is { Length: > 0 } value ? value : null;
    }

    private static string? ServiceAccountNamespace() =>
        File.Exists(ServiceAccountNamespaceFile) ? File.ReadAllText(ServiceAccountNamespaceFile).Trim() : null;
}
