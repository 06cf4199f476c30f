using System.Text;
using Granary.Api.Names;
using Granary.Api.Status;

namespace Granary.Api.Tests.Status;

public sealed class MaintenanceReportTests
{
    [Fact]
    public void A_report_reads_as_it_was_written()
    {
        ActionOutcome[] outcomes =
        [
            new(BackupActions.ApplyRetentionPolicy, IsDone: true, "5 snapshots kept, \"1\" removed."),
            new(BackupActions.VerifyRepositoryIntegrity, IsDone: false, "pack abc:\ndamaged"),
        ];

        Assert.Equal(outcomes, MaintenanceReport.Read(MaintenanceReport.Write(outcomes)));
    }

    // Kubernetes keeps 4096 bytes of a container's last words: a report that is cut there cannot be read.
    [Theory]
    [InlineData("x")]
    [InlineData("\"")]
    [InlineData("ü")]
    [InlineData("😀")]
    public void A_report_of_every_action_with_long_messages_fits(string one)
    {
        var message = string.Concat(Enumerable.Repeat(one, 10_000));

        var text = MaintenanceReport.Write(
            BackupActions.PostBackup.Select(action => new ActionOutcome(action.Name, IsDone: true, message))
        );

        Assert.InRange(Encoding.UTF8.GetByteCount(text), 1, 4096);
        Assert.Equal(3, MaintenanceReport.Read(text)?.Count);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("Unhandled exception")]
    [InlineData("[1]")]
    [InlineData("""{"actions":[{"name":5}]}""")]
    [InlineData("""{"actions":[{"name":"ApplyRet""")]
    public void Other_words_are_no_report(string? words) => Assert.Null(MaintenanceReport.Read(words));
}
