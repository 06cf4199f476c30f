namespace Granary.TestSupport;

/// <summary>The reference program on one repository, without a cache.</summary>
/// <param name="repository">A location as restic writes it.</param>
/// <param name="password">The repository's password.</param>
/// <param name="environment">Further variables, for example cloud credentials.</param>
/// <param name="release">Which restic; the newest when null.</param>
public sealed class ResticCli(
    string repository,
    string password,
    IReadOnlyDictionary<string, string>? environment = null,
    ResticRelease? release = null
)
{
    /// <summary>Runs one restic command and answers what it printed.</summary>
    public Task<CommandResult> RunAsync(
        string[] arguments,
        Stream? input = null,
        Stream? output = null,
        CancellationToken cancellationToken = default
    )
    {
        var variables = new Dictionary<string, string>(environment ?? new Dictionary<string, string>())
        {
            ["RESTIC_REPOSITORY"] = repository,
            ["RESTIC_PASSWORD"] = password,
            ["RESTIC_PROGRESS_FPS"] = "0.01",
            ["HOME"] = Path.GetTempPath(),
        };
        return CommandLine.RunAsync(
            RepositoryRoot.Tool((release ?? ResticRelease.Current).Program),
            ["--no-cache", .. arguments],
            variables,
            input,
            output,
            cancellationToken: cancellationToken
        );
    }
}
