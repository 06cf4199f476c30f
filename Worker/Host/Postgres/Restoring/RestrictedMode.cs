using System.Security.Cryptography;
using Granary.Worker.Processes;

namespace Granary.Worker.Postgres.Restoring;

/// <summary>
/// psql's restricted mode, in which a script cannot run commands of psql itself: neither <c>\!</c>, which starts a
/// program, nor <c>\copy</c>, <c>\o</c>, <c>\g |</c> and <c>\i</c>, which reach files and programs.
/// </summary>
/// <remarks>It came with the minor releases of August 2025 (CVE-2025-8714).</remarks>
internal static class RestrictedMode
{
    private const string Command = @"\restrict";

    /// <summary>The argument that switches it on, with a key that no script can know.</summary>
    public static string Argument() => $"--command={Command} {RandomNumberGenerator.GetHexString(32)}";

    /// <summary>Makes sure that a client has it.</summary>
    /// <exception cref="StepFailedException">It is too old.</exception>
    public static async Task EnsureAsync(ClientVersion client, CancellationToken cancellationToken)
    {
        // psql says which commands it knows without a server.
        var command = new ToolCommand(
            client["psql"],
            ["--help=commands"],
            new Dictionary<string, string?>
            {
                ["PAGER"] = "cat",
                ["LC_ALL"] = null,
                ["LC_MESSAGES"] = "C",
            }
        );
        await using var psql = ToolProcess.Start(command, static _ => { });
        psql.CloseInput();
        using var reader = new StreamReader(psql.Output);
        var help = await reader.ReadToEndAsync(cancellationToken);
        await psql.WaitAsync(cancellationToken);
        if (!help.Contains(Command, StringComparison.Ordinal))
        {
            throw new StepFailedException(
                $"{client["psql"]} is too old to restore with: it has no restricted mode (\\restrict), without which a "
                    + "dump could run commands here. Install 13.22, 14.19, 15.14, 16.10, 17.6, 18 or newer"
            );
        }
    }
}
