using System.CommandLine;
using Granary.Engine.Repositories;
using Granary.Worker.Repositories;

namespace Granary.Worker.Commands;

/// <summary>The flags of the commands that people run on a repository by hand; the same as restic's.</summary>
internal sealed class RepositoryOptions
{
    private readonly Option<string> _location = Flag.Text("--repo", "Location of the repository (RESTIC_REPOSITORY).", "", "-r");
    private readonly Option<string> _passwordFile = Flag.Text("--password-file", "File with the repository's password (RESTIC_PASSWORD, RESTIC_PASSWORD_FILE).", "", "-p");
    private readonly Option<bool> _noLock = Flag.Switch("--no-lock", "Do not lock the repository; for reading only.");
    private readonly Option<string> _retryLock = Flag.Text("--retry-lock", "How long to wait for other locks, as 30s or 5m.");
    private readonly ConnectionOptions _connection = new();
    private readonly Option<bool> _json = Flag.Switch("--json", "Print JSON.");

    /// <summary>Adds the flags to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _location, _passwordFile, _noLock, _retryLock, _json })
        {
            command.Options.Add(option);
        }

        _connection.AddTo(command);
    }

    /// <summary>Whether JSON is wanted.</summary>
    public bool IsJson(ParseResult parsed) => parsed.GetValue(_json);

    /// <summary>Access to the repository that the flags or the environment name.</summary>
    /// <exception cref="StepFailedException">Nobody says where it is, or there is no password.</exception>
    public RepositoryAccess Access(ParseResult parsed, WorkerServices services)
    {
        var location = parsed.GetValue(_location) is { Length: > 0 } given ? given : services.Options.Variable("RESTIC_REPOSITORY")
            ?? throw new StepFailedException("Where is the repository? Give --repo, or set RESTIC_REPOSITORY");
        var file = parsed.GetValue(_passwordFile) ?? "";
        var certificates = _connection.CaCertificate(parsed);
        var options = services.Options with
        {
            Variable = name => name switch
            {
                "RESTIC_PASSWORD" when file.Length > 0 => null,
                "RESTIC_PASSWORD_FILE" when file.Length > 0 => file,
                "CA_CERT_DATA" when certificates is not null => certificates,
                _ => services.Options.Variable(name),
            },
        };
        return services.Access(_connection.Apply(
            parsed, RepositoryLocation.Parse(location), StorageCredentials.OfEnvironment(options, services.Redactor)));
    }

    /// <summary>Takes a lock as the flags say for a command that changes nothing; null with --no-lock.</summary>
    public async Task<RepositoryLock?> LockAsync(
        ParseResult parsed, RepositoryAccess access, OpenRepository repository, LockMode mode, CancellationToken cancellationToken)
        => parsed.GetValue(_noLock) ? null : await LockForWritingAsync(parsed, access, repository, mode, cancellationToken);

    /// <summary>Takes a lock for a command that changes the repository, so that --no-lock does not apply.</summary>
    public Task<RepositoryLock> LockForWritingAsync(
        ParseResult parsed, RepositoryAccess access, OpenRepository repository, LockMode mode, CancellationToken cancellationToken)
        => access.LockAsync(repository, mode, Patience(parsed), cancellationToken);

    private TimeSpan Patience(ParseResult parsed)
    {
        var text = parsed.GetValue(_retryLock) ?? "";
        return text.Length == 0 ? TimeSpan.Zero
            : Api.GoDuration.TryParse(text, out var patience) ? patience
            : throw new StepFailedException($"--retry-lock is '{text}'; a duration looks like 30s or 5m");
    }
}
