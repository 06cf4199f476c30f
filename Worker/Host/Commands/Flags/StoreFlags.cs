using System.CommandLine;
using System.Globalization;
using Granary.Engine.Packing;

namespace Granary.Worker.Commands.Flags;

/// <summary>The flags that say how new packs are made; the same as restic's.</summary>
internal sealed class StoreFlags
{
    private const int SmallestMebibytes = 4;
    private const int LargestMebibytes = 128;

    private readonly Option<string> _packSize = Flag.Text(
        "--pack-size",
        "Size of new packs in MiB, 4 to 128 (RESTIC_PACK_SIZE). Default: 16."
    );
    private readonly Option<string> _compression = Flag.Text(
        "--compression",
        "auto, off, fastest, better or max (RESTIC_COMPRESSION); for version 2. Default: auto."
    );

    /// <summary>Adds the flags to a command.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_packSize);
        command.Options.Add(_compression);
    }

    /// <summary>What the flags or the environment say.</summary>
    /// <exception cref="StepFailedException">A value is not one of those allowed.</exception>
    public StoreOptions Read(ParseResult parsed, WorkerServices services) =>
        new()
        {
            PackSize = PackSize(Given(parsed, _packSize, services, "RESTIC_PACK_SIZE", "16")),
            Compression = Compression(Given(parsed, _compression, services, "RESTIC_COMPRESSION", "auto")),
        };

    private static string Given(
        ParseResult parsed,
        Option<string> option,
        WorkerServices services,
        string variable,
        string otherwise
    ) => parsed.GetValue(option) is { Length: > 0 } given ? given : services.Options.Variable(variable) ?? otherwise;

    private static int PackSize(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var size)
        && size is >= SmallestMebibytes and <= LargestMebibytes
            ? size << 20
            : throw new StepFailedException(
                $"The pack size is '{text}'; it must be a whole number of MiB, {SmallestMebibytes} to "
                    + $"{LargestMebibytes}"
            );

    private static CompressionMode Compression(string text) =>
        text switch
        {
            "auto" => CompressionMode.Auto,
            "off" => CompressionMode.Off,
            "fastest" => CompressionMode.Fastest,
            "better" => CompressionMode.Better,
            "max" => CompressionMode.Max,
            _ => throw new StepFailedException(
                $"The compression is '{text}'; it may be auto, off, fastest, better or max"
            ),
        };
}
