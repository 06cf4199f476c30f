using System.CommandLine;
using Granary.Access;
using Granary.Api;
using Granary.Api.Common;
using Granary.Api.Names;
using Granary.Engine.Repositories;
using Granary.Engine.Repositories.Locking;
using Granary.Storage;
using Granary.Worker.Processes;

namespace Granary.Worker.Commands.Flags;

/// <summary>The flags of the commands that people run on a repository by hand; the same as restic's.</summary>
/// <remarks>
/// The program and all of these commands share one instance, so that a flag means the same before and behind a
/// command's name.
/// </remarks>
internal sealed class RepositoryOptions
{
    private readonly Option<string> _location = Flag.Text(
        "--repo",
        "Location of the repository (RESTIC_REPOSITORY).",
        "",
        "-r"
    );
    private readonly Option<string> _locationFile = Flag.Text(
        "--repository-file",
        "File with the location of the repository (RESTIC_REPOSITORY_FILE)."
    );
    private readonly Option<string> _passwordFile = Flag.Text(
        "--password-file",
        "File with the repository's password (RESTIC_PASSWORD, RESTIC_PASSWORD_FILE).",
        "",
        "-p"
    );
    private readonly Option<string> _passwordCommand = Flag.Text(
        "--password-command",
        "Shell command that prints the repository's password (RESTIC_PASSWORD_COMMAND)."
    );
    private readonly Option<string> _keyHint = Flag.Text(
        "--key-hint",
        "Id of the key to try first, or its beginning (RESTIC_KEY_HINT)."
    );
    private readonly Option<bool> _noLock = Flag.Switch("--no-lock", "Do not lock the repository; for reading only.");
    private readonly Option<string> _retryLock = Flag.Text(
        "--retry-lock",
        "How long to wait for other locks, as 30s or 5m."
    );
    private readonly ConnectionOptions _connection = new();
    private readonly Option<bool> _json = Flag.Switch("--json", "Print JSON.");
    private readonly Option<bool> _quiet = Flag.Switch("--quiet", "Do not show how far long work is.", false, "-q");

    // Scripts for restic give it, and what it asks for is always so.
    private readonly Option<bool> _noCache = Flag.Switch("--no-cache", "Changes nothing: there is no cache.");

    /// <summary>Adds the flags to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (
            var option in new Option[]
            {
                _location,
                _locationFile,
                _passwordFile,
                _passwordCommand,
                _keyHint,
                _noLock,
                _retryLock,
                _json,
                _quiet,
                _noCache,
            }
        )
        {
            command.Options.Add(option);
        }

        _connection.AddTo(command);
    }

    /// <summary>Whether JSON is wanted.</summary>
    public bool IsJson(ParseResult parsed) => parsed.GetValue(_json);

    /// <summary>Access to the repository that the flags or the environment name.</summary>
    /// <exception cref="StepFailedException">Nobody says where it is, or there is no password.</exception>
    public async Task<RepositoryAccess> AccessAsync(
        ParseResult parsed,
        WorkerServices services,
        CancellationToken cancellationToken
    )
    {
        var location = RepositoryLocation.Parse(Location(parsed, services.Options));
        var certificates = _connection.CaCertificate(parsed, services.Options);
        var password = await PasswordAsync(parsed, services, cancellationToken);
        var options = services.Options with
        {
            Variable = name =>
                name switch
                {
                    SecretKeys.RepositoryPassword when password is not null => password.Reveal(),
                    SecretKeys.CaCertData when certificates is not null => certificates,
                    _ => services.Options.Variable(name),
                },
        };
        services.IsQuiet = parsed.GetValue(_quiet);
        var settings = _connection.Apply(
            parsed,
            location,
            StorageCredentials.OfEnvironment(options.Variable, services.Redactor)
        );
        return services.Access(settings, Given(parsed, _keyHint) ?? services.Options.Variable("RESTIC_KEY_HINT"));
    }

    /// <summary>Takes a lock as the flags say for a command that changes nothing; null with --no-lock.</summary>
    public async Task<RepositoryLock?> LockAsync(
        ParseResult parsed,
        RepositoryAccess access,
        OpenRepository repository,
        LockMode mode,
        CancellationToken cancellationToken
    )
    {
        if (parsed.GetValue(_noLock))
        {
            return null;
        }

        try
        {
            return await LockForWritingAsync(parsed, access, repository, mode, cancellationToken);
        }
        catch (StorageException e) when (e.Error is StorageError.Full or StorageError.AccessDenied)
        {
            throw new StepFailedException(
                $"The lock cannot be written: {e.Message.TrimEnd('.')}. This command only reads, and works with "
                    + "--no-lock as well",
                e
            );
        }
    }

    /// <summary>Takes a lock for a command that changes the repository, so that --no-lock does not apply.</summary>
    public Task<RepositoryLock> LockForWritingAsync(
        ParseResult parsed,
        RepositoryAccess access,
        OpenRepository repository,
        LockMode mode,
        CancellationToken cancellationToken
    ) => access.LockAsync(repository, mode, Patience(parsed), cancellationToken);

    /// <summary>
    /// Takes the exclusive lock of a command that removes things; for a dry run --no-lock applies, and it is null then.
    /// </summary>
    public async Task<RepositoryLock?> LockToRemoveAsync(
        ParseResult parsed,
        RepositoryAccess access,
        OpenRepository repository,
        bool isDryRun,
        CancellationToken cancellationToken
    ) =>
        isDryRun
            ? await LockAsync(parsed, access, repository, LockMode.Exclusive, cancellationToken)
            : await LockForWritingAsync(parsed, access, repository, LockMode.Exclusive, cancellationToken);

    /// <summary>Where the repository is. Two answers are refused: the wrong one might be forgotten or pruned.</summary>
    private string Location(ParseResult parsed, WorkerOptions options)
    {
        var (flag, fileFlag) = (Given(parsed, _location), Given(parsed, _locationFile));
        var (location, file) =
            flag is null && fileFlag is null
                ? (options.Variable("RESTIC_REPOSITORY"), options.Variable("RESTIC_REPOSITORY_FILE"))
                : (flag, fileFlag);
        return (location, file) switch
        {
            (null, null) => throw new StepFailedException(
                "Where is the repository? Give --repo, or set RESTIC_REPOSITORY"
            ),
            (not null, not null) => throw new StepFailedException(
                flag is null
                    ? "Both RESTIC_REPOSITORY and RESTIC_REPOSITORY_FILE say where the repository is; set one of "
                        + "them, or give --repo"
                    : "Both --repo and --repository-file say where the repository is; give one of them"
            ),
            (null, _) => LocationIn(file),
            _ => location,
        };
    }

    private static string LocationIn(string file)
    {
        try
        {
            return File.ReadAllText(file).Trim() is { Length: > 0 } location
                ? location
                : throw new StepFailedException(
                    $"{file}, the repository file, is empty; it has to hold the repository's location"
                );
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StepFailedException($"The repository file cannot be read: {e.Message}", e);
        }
    }

    /// <summary>
    /// The password that a flag leads to, else one that a command of the environment prints; null where the environment
    /// has it ready.
    /// </summary>
    private async Task<Secret?> PasswordAsync(
        ParseResult parsed,
        WorkerServices services,
        CancellationToken cancellationToken
    )
    {
        var (file, command) = (Given(parsed, _passwordFile), Given(parsed, _passwordCommand));
        if (file is not null && command is not null)
        {
            throw new StepFailedException(
                "Both --password-file and --password-command lead to a password; give one of them"
            );
        }

        if (file is not null)
        {
            return PasswordFile.Read("--password-file", file, services.Redactor);
        }

        if (command is not null)
        {
            return await PasswordCommand.RunAsync("--password-command", command, services.Redactor, cancellationToken);
        }

        if (
            services.Options.Variable(SecretKeys.RepositoryPassword) is not null
            || services.Options.Variable(SecretKeys.RepositoryPasswordFile) is not null
        )
        {
            return null;
        }

        return services.Options.Variable("RESTIC_PASSWORD_COMMAND") is { } variable
            ? await PasswordCommand.RunAsync("RESTIC_PASSWORD_COMMAND", variable, services.Redactor, cancellationToken)
            : throw new StepFailedException(
                "What is the repository's password? Give --password-file, or set RESTIC_PASSWORD, "
                    + "RESTIC_PASSWORD_FILE or RESTIC_PASSWORD_COMMAND"
            );
    }

    private static string? Given(ParseResult parsed, Option<string> option) =>
        parsed.GetValue(option) is { Length: > 0 } given ? given : null;

    private TimeSpan Patience(ParseResult parsed)
    {
        var text = parsed.GetValue(_retryLock) ?? "";
        return text.Length == 0 ? TimeSpan.Zero
            : Api.GoDuration.TryParse(text, out var patience) ? patience
            : throw new StepFailedException($"--retry-lock is '{text}'; a duration looks like 30s or 5m");
    }
}
