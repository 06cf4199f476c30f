using System.CommandLine;
using Granary.Access;
using Granary.Api.Common;
using Granary.Storage;

namespace Granary.Worker.Commands.Flags;

/// <summary>
/// The flags that say how a store is reached and how much it may be asked to do; the same as restic's.
/// </summary>
internal sealed class ConnectionOptions
{
    private const long MostConnections = 256;

    private static readonly string[] Known =
    [
        "s3.region",
        "s3.bucket-lookup",
        "s3.storage-class",
        "s3.server-side-encryption",
        "s3.kms-key-id",
    ];

    private readonly Option<long> _limitUpload = Flag.Number(
        "--limit-upload",
        "Upload at most this many KiB per second; 0 for no limit."
    );
    private readonly Option<long> _limitDownload = Flag.Number(
        "--limit-download",
        "Download at most this many KiB per second; 0 for no limit."
    );
    private readonly Option<long> _connections = Flag.Number(
        "--connections",
        "The most connections at once, up to 256; 0 for the provider's default."
    );
    private readonly Option<string> _caFile = Flag.Text(
        "--cacert",
        "File with certificates to trust besides the system's (RESTIC_CACERT; CA_CERT_DATA has the certificates "
            + "themselves)."
    );
    private readonly Option<bool> _insecureTls = Flag.Switch("--insecure-tls", "Accept any server certificate.");
    private readonly Option<string[]> _extended = Flag.Texts(
        "--option",
        $"Further settings as key=value: {string.Join(", ", Known)}.",
        "-o"
    );

    /// <summary>Adds the flags to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (
            var option in new Option[] { _limitUpload, _limitDownload, _connections, _caFile, _insecureTls, _extended }
        )
        {
            command.Options.Add(option);
        }
    }

    /// <summary>The text of the file with certificates; null without one.</summary>
    /// <exception cref="StepFailedException">The file cannot be read.</exception>
    public string? CaCertificate(ParseResult parsed, WorkerOptions environment)
    {
        var (path, origin) = parsed.GetValue(_caFile) is { Length: > 0 } given
            ? (given, "--cacert")
            : (environment.Variable("RESTIC_CACERT"), "RESTIC_CACERT");
        if (path is null)
        {
            return null;
        }

        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StepFailedException($"{origin}: {e.Message}", e);
        }
    }

    /// <summary>Settings as the flags say.</summary>
    /// <exception cref="StepFailedException">A value is not one of those allowed.</exception>
    public BackendSettings Apply(ParseResult parsed, BackendLocation location, StorageCredentials credentials)
    {
        var connections = parsed.GetValue(_connections);
        if (connections > MostConnections)
        {
            throw new StepFailedException($"--connections is {connections}; it may be {MostConnections} at most");
        }

        var extended = Extended(parsed.GetValue(_extended) ?? []);
        return new(
            location with
            {
                InsecureTLS = parsed.GetValue(_insecureTls),
                MaxConnections = connections,
                Region = extended.GetValueOrDefault("s3.region", location.Region),
            },
            credentials
        )
        {
            Tuning = new BackendTuning
            {
                UploadPerSecond = Rate(parsed.GetValue(_limitUpload)),
                DownloadPerSecond = Rate(parsed.GetValue(_limitDownload)),
                PathStyle = PathStyle(extended.GetValueOrDefault("s3.bucket-lookup", "auto")!),
                StorageClass = extended.GetValueOrDefault("s3.storage-class"),
                ServerSideEncryption = extended.GetValueOrDefault("s3.server-side-encryption"),
                KmsKeyId = extended.GetValueOrDefault("s3.kms-key-id"),
            },
        };
    }

    private static ByteSize? Rate(long kibibytes) => kibibytes == 0 ? null : ByteSize.FromKibibytes(kibibytes);

    private static bool? PathStyle(string lookup) =>
        lookup switch
        {
            "auto" => null,
            "path" => true,
            "dns" => false,
            _ => throw new StepFailedException($"s3.bucket-lookup is '{lookup}'; it may be auto, path or dns"),
        };

    private static Dictionary<string, string?> Extended(string[] settings)
    {
        var values = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var setting in settings)
        {
            var parts = setting.Split('=', 2);
            values[parts[0]] =
                parts.Length == 2 && Known.Contains(parts[0])
                    ? parts[1]
                    : throw new StepFailedException(
                        $"--option '{setting}' is not key=value with one of {string.Join(", ", Known)}"
                    );
        }

        return values;
    }
}
