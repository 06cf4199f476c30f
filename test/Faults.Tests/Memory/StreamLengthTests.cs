using System.Diagnostics;
using System.Globalization;
using Granary.TestSupport;

namespace Granary.Faults.Tests.Memory;

/// <summary>
/// The worker as a process: how much memory it took at its peak, native libraries included, does not depend on how long
/// a stream is.
/// </summary>
[Collection(nameof(SoakTests))]
public sealed class StreamLengthTests : IDisposable
{
    private const long Mebibyte = 1 << 20;
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(50);

    private readonly TempDirectory _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    [Trait("Category", "Slow")]
    public async Task A_stream_six_times_as_long_takes_no_more_memory_to_back_up_and_to_dump()
    {
        var half = await BackUpAndDumpAsync("short", 512 * Mebibyte);
        var three = await BackUpAndDumpAsync("long", 3072 * Mebibyte);

        Console.WriteLine(
            $"peak memory of 0.5 and 3 GiB: backup {half.Backup / Mebibyte} and {three.Backup / Mebibyte} MiB, dump "
                + $"{half.Dump / Mebibyte} and {three.Dump / Mebibyte} MiB"
        );

        // How many packs of up to 24 MiB are on their way at the peak is chance, and the longer stream has more of it.
        // Anything that a stream left behind, one byte in fifty of it, would be more.
        Assert.InRange(three.Backup, 1, half.Backup + (48 * Mebibyte));
        Assert.InRange(three.Dump, 1, half.Dump + (48 * Mebibyte));
    }

    private async Task<(long Backup, long Dump)> BackUpAndDumpAsync(string repository, long length)
    {
        var environment = new Dictionary<string, string>
        {
            ["RESTIC_REPOSITORY"] = _folder[repository],
            ["RESTIC_PASSWORD"] = Sample.Password,
        };
        await RunAsync(environment, ["init"], 0);
        var backup = await RunAsync(environment, ["backup", "--stdin", "--stdin-filename", "db.sql"], length);
        var dump = await RunAsync(environment, ["dump", "latest", "/db.sql"], 0);
        Assert.Equal(length, dump.Printed);
        return (backup.Peak, dump.Peak);
    }

    private static async Task<(long Peak, long Printed)> RunAsync(
        Dictionary<string, string> environment,
        string[] arguments,
        long inputLength
    )
    {
        var command = BuiltWorker.Command("Release");
        var info = new ProcessStartInfo(command[0], [.. command.Skip(1), .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
        {
            info.Environment[name] = value;
        }

        using var process = Process.Start(info)!; // not null without the shell
        var errors = process.StandardError.ReadToEndAsync(Cancellation);
        var printed = CountAsync(process.StandardOutput.BaseStream);
        var feeding = FeedAsync(process.StandardInput.BaseStream, inputLength);
        var ended = process.WaitForExitAsync(Cancellation);
        var peak = 0L;
        while (!ended.IsCompleted)
        {
            peak = Math.Max(peak, PeakOf(process.Id));
            await Task.WhenAny(ended, Task.Delay(LookInterval, Cancellation));
        }

        await feeding;
        Assert.True(process.ExitCode == 0, await errors);
        return (peak, await printed);
    }

    /// <summary>Of blocks that come twice in a row, so that half of the stream is stored.</summary>
    private static async Task FeedAsync(Stream input, long length)
    {
        var block = new byte[8 * Mebibyte];
        for (var fed = 0L; fed < length; fed += block.Length)
        {
            if (fed / block.Length % 2 == 0)
            {
                Random.Shared.NextBytes(block);
            }

            await input.WriteAsync(block, Cancellation);
        }

        input.Close();
    }

    private static async Task<long> CountAsync(Stream output)
    {
        var buffer = new byte[Mebibyte];
        var count = 0L;
        for (int read; (read = await output.ReadAsync(buffer, Cancellation)) > 0; )
        {
            count += read;
        }

        return count;
    }

    /// <summary>The most that was resident at any time so far, in bytes; 0 for a process that has ended.</summary>
    private static long PeakOf(int process)
    {
        try
        {
            var line = File.ReadLines($"/proc/{process}/status")
                .FirstOrDefault(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
            return line is null
                ? 0
                : long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture)
                    << 10;
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
