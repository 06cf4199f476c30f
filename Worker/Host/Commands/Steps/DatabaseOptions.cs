using System.CommandLine;
using Granary.Worker.Commands.Flags;
using Granary.Worker.Steps;

namespace Granary.Worker.Commands.Steps;

/// <summary>
/// The flags by which the operator tells a step which database it works on. Source: stash-behaviour §3.6.
/// </summary>
internal sealed class DatabaseOptions
{
    private readonly Option<string> _appBinding = Flag.Text("--appbinding", "Name of the AppBinding.");
    private readonly Option<string> _appBindingNamespace = Flag.Text(
        "--appbinding-namespace",
        "Namespace of the AppBinding."
    );
    private readonly Option<string> _arguments = Flag.Text(
        "--pg-args",
        "Arguments for pg_dump, pg_dumpall or psql, split at white space."
    );
    private readonly Option<string> _user = Flag.Text(
        "--user",
        "Role of the client certificate; counts only with one."
    );
    private readonly Option<long> _waitTimeout = Flag.Number("--wait-timeout", "Seconds to wait for the server.", 300);

    /// <summary>Adds the flags to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _appBinding, _appBindingNamespace, _arguments, _user, _waitTimeout })
        {
            command.Options.Add(option);
        }
    }

    /// <summary>The user's arguments.</summary>
    public string Arguments(ParseResult parsed) => parsed.GetValue(_arguments) ?? "";

    /// <summary>Which database.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="namespace">Where the AppBinding is, unless a flag says.</param>
    /// <param name="scratchDirectory">For certificates.</param>
    public DatabaseFlags Read(ParseResult parsed, string @namespace, string scratchDirectory) =>
        new(
            parsed.GetValue(_appBinding) ?? "",
            parsed.GetValue(_appBindingNamespace) is { Length: > 0 } given ? given : @namespace,
            parsed.GetValue(_user) ?? "",
            TimeSpan.FromSeconds(parsed.GetValue(_waitTimeout)),
            scratchDirectory
        );
}
