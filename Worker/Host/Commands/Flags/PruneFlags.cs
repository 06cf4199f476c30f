using System.CommandLine;
using Granary.Engine.Checking;
using Granary.Engine.Pruning;
using Granary.Engine.Repositories;

namespace Granary.Worker.Commands.Flags;

/// <summary>The flags that say how thorough a prune is; the same as restic's.</summary>
internal sealed class PruneFlags
{
    private readonly Option<string> _maxUnused = Flag.Text(
        "--max-unused",
        "How much unused data may stay: x%, a size such as 500M, or unlimited.",
        "5%"
    );
    private readonly Option<string> _maxRepack = Flag.Text(
        "--max-repack-size",
        "Stop after repacking this much, as 500M."
    );
    private readonly Option<bool> _uncompressed = Flag.Switch(
        "--repack-uncompressed",
        "Repack what is not compressed."
    );
    private readonly Option<bool> _small = Flag.Switch(
        "--repack-small",
        "Join packs below four fifths of the pack size."
    );
    private readonly Option<string> _smallerThan = Flag.Text(
        "--repack-smaller-than",
        "Join packs below this size, as 10M."
    );
    private readonly StoreFlags _store = new();
    private readonly Option<bool> _cacheable = Flag.Switch("--repack-cacheable-only", "Repack only packs of trees.");

    /// <summary>Adds the flags to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _maxUnused, _maxRepack, _uncompressed, _small, _smallerThan, _cacheable })
        {
            command.Options.Add(option);
        }

        _store.AddTo(command);
    }

    /// <summary>What the flags say.</summary>
    /// <exception cref="StepFailedException">A value is no limit.</exception>
    public PruneOptions Read(ParseResult parsed, WorkerServices services)
    {
        var smallerThan = Bytes("--repack-smaller-than", parsed.GetValue(_smallerThan), "10M");
        return new PruneOptions
        {
            MaxUnused = Unused(parsed.GetValue(_maxUnused) ?? "5%"),
            MaxRepackBytes = Bytes("--max-repack-size", parsed.GetValue(_maxRepack), "500M") ?? long.MaxValue,
            RepackUncompressed = parsed.GetValue(_uncompressed),
            RepackSmall = parsed.GetValue(_small) || smallerThan is not null,
            SmallerThan = smallerThan,
            RepackCacheableOnly = parsed.GetValue(_cacheable),
            Store = _store.Read(parsed, services),
        };
    }

    /// <summary>Refuses what a repository of version 1 cannot do, instead of leaving it undone.</summary>
    /// <exception cref="StepFailedException">Compression is asked for, and the format does not know it.</exception>
    public static void Verify(PruneOptions options, OpenRepository repository)
    {
        if (options.RepackUncompressed && repository.Version < 2)
        {
            throw new StepFailedException(
                "--repack-uncompressed needs a repository of version 2; migrate upgrades this one"
            );
        }
    }

    private static UnusedLimit Unused(string text)
    {
        try
        {
            return UnusedLimit.Parse(text);
        }
        catch (FormatException)
        {
            throw new StepFailedException(
                $"--max-unused is '{text}'; it must be x%, a size such as 500M, or unlimited"
            );
        }
    }

    private static long? Bytes(string flag, string? text, string example)
    {
        try
        {
            return text is not { Length: > 0 } ? null
                : text == "0" ? 0
                : PackSubset.Parse(text) is PackSubset.Size size ? size.Bytes
                : throw new FormatException();
        }
        catch (FormatException)
        {
            throw new StepFailedException($"{flag} is '{text}'; it must be a size such as {example}");
        }
    }
}
