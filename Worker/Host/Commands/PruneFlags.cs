using System.CommandLine;
using Granary.Engine.Maintenance;

namespace Granary.Worker.Commands;

/// <summary>The flags that say how thorough a prune is; the same as restic's.</summary>
internal sealed class PruneFlags
{
    private readonly Option<string> _maxUnused = Flag.Text("--max-unused", "How much unused data may stay: x%, a size such as 500M, or unlimited.", "5%");
    private readonly Option<string> _maxRepack = Flag.Text("--max-repack-size", "Stop after repacking this much, as 500M.");
    private readonly Option<bool> _uncompressed = Flag.Switch("--repack-uncompressed", "Repack what is not compressed.");
    private readonly Option<bool> _small = Flag.Switch("--repack-small", "Join packs below four fifths of the pack size.");
    private readonly Option<bool> _cacheable = Flag.Switch("--repack-cacheable-only", "Repack only packs of trees.");

    /// <summary>Adds the flags to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _maxUnused, _maxRepack, _uncompressed, _small, _cacheable })
        {
            command.Options.Add(option);
        }
    }

    /// <summary>What the flags say.</summary>
    /// <exception cref="StepFailedException">A value is no limit.</exception>
    public PruneOptions Read(ParseResult parsed)
    {
        try
        {
            var maxRepack = parsed.GetValue(_maxRepack) ?? "";
            return new PruneOptions
            {
                MaxUnused = UnusedLimit.Parse(parsed.GetValue(_maxUnused) ?? "5%"),
                MaxRepackBytes = maxRepack.Length == 0 ? long.MaxValue
                    : PackSubset.Parse(maxRepack) is PackSubset.Size size ? size.Bytes
                    : throw new FormatException($"'{maxRepack}' is not a size such as 500M."),
                RepackUncompressed = parsed.GetValue(_uncompressed),
                RepackSmall = parsed.GetValue(_small),
                RepackCacheableOnly = parsed.GetValue(_cacheable),
            };
        }
        catch (FormatException exception)
        {
            throw new StepFailedException(exception.Message);
        }
    }
}
