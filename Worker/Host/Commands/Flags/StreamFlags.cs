using System.CommandLine;
using System.CommandLine.Parsing;
using Granary.Engine.Archiving;
using Granary.Worker.Processes;
using Granary.Worker.Streams;

namespace Granary.Worker.Commands.Flags;

/// <summary>The flags that say which streams are backed up, and under which names.</summary>
internal sealed class StreamFlags
{
    private const string Shell = "/bin/sh";

    private readonly Option<bool> _stdin = Flag.Switch(
        "--stdin",
        "Read the standard input. How its producer ended is not known then."
    );
    private readonly Option<bool> _fromCommand = Flag.Switch(
        "--stdin-from-command",
        "Taken for restic's sake: a command behind -- is run anyway."
    );
    private readonly Option<string> _name = Flag.Text(
        "--stdin-filename",
        "Path in the snapshot of the standard input, or of the command behind --.",
        "stdin"
    );
    private readonly Option<string[]> _commands = Flag.Texts(
        "--command",
        "Back up what a shell command prints, as path=command; any exit status but 0 fails the backup. May come "
            + "several times."
    );
    private readonly Option<string[]> _files = Flag.Texts(
        "--stream",
        "Back up a file or a named pipe, as path=file. May come several times."
    );
    private readonly Argument<string[]> _program = new("command")
    {
        Description =
            "A program and its arguments, behind --, whose output is backed up; any exit status but 0 fails the "
            + "backup.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    /// <summary>Adds the flags to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _stdin, _fromCommand, _name, _commands, _files })
        {
            command.Options.Add(option);
        }

        command.Arguments.Add(_program);
    }

    /// <summary>
    /// The streams in the order in which they are read: standard input or program, then commands, then files.
    /// </summary>
    /// <exception cref="StepFailedException">There is none, two share a path, or a value is no path=source.</exception>
    public IReadOnlyList<ISource> Read(ParseResult parsed, WorkerServices services)
    {
        var name = parsed.GetValue(_name) ?? "stdin";
        var line = ProgramBehindDashes(parsed);
        var sources = new List<ISource>();
        if (parsed.GetValue(_stdin) && line.Length > 0)
        {
            throw new StepFailedException(
                "Both --stdin and a command behind -- would be stored under --stdin-filename; give one of them, or "
                    + "--command path=command"
            );
        }

        if (parsed.GetValue(_stdin))
        {
            sources.Add(new StreamSource(name, services.RawInput));
        }

        if (line.Length > 0)
        {
            sources.Add(Tool(name, line[0], line[1..], services));
        }

        foreach (var (path, command) in Pairs("--command", parsed.GetValue(_commands) ?? []))
        {
            sources.Add(Tool(path, Shell, ["-c", command], services));
        }

        foreach (var (path, file) in Pairs("--stream", parsed.GetValue(_files) ?? []))
        {
            sources.Add(new StreamSource(path, () => OpenFile(file)));
        }

        return sources.Count > 0
            ? sources
            : throw new StepFailedException(
                "What is to be backed up? Give --stdin, --command path=command, --stream path=file, or -- and a command"
            );
    }

    /// <summary>
    /// What stands behind <c>--</c>. Words before it are refused: running the file that somebody wants to back up might
    /// do anything.
    /// </summary>
    private string[] ProgramBehindDashes(ParseResult parsed)
    {
        var words = parsed.GetValue(_program) ?? [];
        var behind = parsed
            .Tokens.SkipWhile(token => token.Type != TokenType.DoubleDash)
            .Count(token => token.Type == TokenType.Argument);
        if (words.Length > behind)
        {
            throw new StepFailedException(
                words[0].StartsWith('-')
                    ? $"backup has no flag {Flag.NameOf(words[0])}"
                    : $"What is '{words[0]}'? A file is backed up with --stream path={words[0]}, and what a program "
                        + $"prints with -- {words[0]}"
            );
        }

        return words;
    }

    /// <summary>
    /// A command's output. Its arguments may hold what nobody else should see, so messages name the stream and the
    /// program only.
    /// </summary>
    private static DumpSource Tool(
        string path,
        string program,
        IReadOnlyList<string> arguments,
        WorkerServices services
    ) =>
        new(
            new ToolCommand(program, arguments, new Dictionary<string, string?>())
            {
                Name = $"{path}: {Path.GetFileName(program)}",
                IsTold = false,
            },
            path,
            services.Redactor,
            services.Log
        );

    private static Stream OpenFile(string file)
    {
        try
        {
            return PipeInput.OpenFile(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StepFailedException(e.Message, e);
        }
    }

    private static IEnumerable<(string Path, string Source)> Pairs(string flag, string[] values) =>
        values.Select(value =>
            value.Split('=', 2) is [{ Length: > 0 } path, { Length: > 0 } source]
                ? (path, source)
                : throw new StepFailedException($"{flag} '{value}' is not path=…")
        );

    private sealed class StreamSource(string path, Func<Stream> open) : ISource
    {
        public string Path => path;

        public Task<Stream> OpenAsync(CancellationToken cancellationToken) => Task.FromResult(open());

        public Task CompleteAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
