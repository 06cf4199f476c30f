using System.Diagnostics;
using Granary.TestSupport;

namespace Granary.Api.Tests;

public sealed class GeneratedFilesTests
{
    [Fact]
    public async Task Generated_files_are_up_to_date()
    {
        // …/bin/Release/net10.0
        var configuration = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd('/')).Parent!.Name;
        var start = new ProcessStartInfo(Path.Combine(RepositoryRoot.Path, "tools/generate.sh"))
        {
            ArgumentList = { "--built", "--check" },
            Environment = { ["CONFIGURATION"] = configuration },
            RedirectStandardError = true,
        };

        using var process = Process.Start(start)!;
        var stale = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal("", stale);
        Assert.Equal(0, process.ExitCode);
    }
}
