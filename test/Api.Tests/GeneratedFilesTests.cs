using System.Diagnostics;
using Granary.TestSupport;

namespace Granary.Api.Tests;

public sealed class GeneratedFilesTests
{
    [Fact]
    public async Task Generated_files_are_up_to_date()
    {
        var folder = Path.Combine(
            AppContext
                .BaseDirectory[(AppContext.BaseDirectory.IndexOf("/bin/", StringComparison.Ordinal) + 1)..]
                .TrimEnd('/')
        );
        string Built(string project, string assembly) => Path.Combine(RepositoryRoot.Path, project, folder, assembly);
        var start = new ProcessStartInfo("dotnet")
        {
            ArgumentList =
            {
                Built("tools/Manifests", "Granary.Manifests.dll"),
                "--root",
                RepositoryRoot.Path,
                "--api",
                Built("Shared/Api", "Granary.Api.dll"),
                "--operator",
                Built("Operator", "Granary.Operator.dll"),
                "--check",
            },
            RedirectStandardError = true,
        };

        using var process = Process.Start(start)!;
        var stale = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal("", stale);
        Assert.Equal(0, process.ExitCode);
    }
}
