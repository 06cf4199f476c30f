using Granary.TestSupport;
using Granary.Worker.Streams;

namespace Granary.Worker.Tests.Streams;

public sealed class TargetFileTests : IDisposable
{
    private readonly TempDirectory _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Unfinished => _folder[$".dump.sql.{Environment.ProcessId}.unfinished"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_a_killed_run_of_the_same_process_id_left_is_no_hindrance()
    {
        await File.WriteAllTextAsync(Unfinished, "half of an old dump", Token);
        File.SetUnixFileMode(Unfinished, UnixFileMode.UserRead);

        await using (var target = TargetFile.Create(_folder["dump.sql"]))
        {
            await target.Content.WriteAsync("new"u8.ToArray(), Token);
            await target.CompleteAsync();
        }

        Assert.Equal("new", await File.ReadAllTextAsync(_folder["dump.sql"], Token));
        Assert.Equal([_folder["dump.sql"]], Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public async Task What_another_is_writing_is_left_alone()
    {
        await using var first = TargetFile.Create(_folder["dump.sql"]);
        await first.Content.WriteAsync("first"u8.ToArray(), Token);

        var refusal = Assert.Throws<StepFailedException>(() => TargetFile.Create(_folder["dump.sql"]));

        Assert.Contains("cannot be written", refusal.Message, StringComparison.Ordinal);
        await first.CompleteAsync();
        Assert.Equal("first", await File.ReadAllTextAsync(_folder["dump.sql"], Token));
    }
}
