using Granary.Api.AppCatalog.V1Alpha1;
using Granary.Api.Stash.V1Beta1;
using Granary.Operator.Invokers;
using Granary.Operator.Monitoring;
using Granary.Operator.Sessions;
using Granary.Operator.Tests.Support;

namespace Granary.Operator.Tests.Sessions;

public sealed class SessionSeriesTests
{
    [Fact]
    public async Task A_success_sets_every_gauge_under_both_names()
    {
        var text = await BackupAsync("Succeeded", succeeded: true);

        const string session =
            """{driver="Restic",invoker_kind="BackupConfiguration",invoker_name="pg-backup","""
            + """namespace="demo",repository="storage"}""";
        Assert.Contains($"stash_backup_session_success{session} 1\n", text, StringComparison.Ordinal);
        Assert.Contains($"stash_appscode_com_backupsession_success{session} 1\n", text, StringComparison.Ordinal);
        Assert.Contains($"stash_backup_session_duration_seconds{session} 83\n", text, StringComparison.Ordinal);
        Assert.Contains(
            $"stash_appscode_com_backupsession_duration_seconds{session} 83\n",
            text,
            StringComparison.Ordinal
        );
        Assert.Contains($"stash_backup_target_count_total{session} 1\n", text, StringComparison.Ordinal);
        Assert.Contains(
            $"stash_backup_last_success_time_seconds{session} {Make.Noon.ToUnixTimeSeconds()}\n",
            text,
            StringComparison.Ordinal
        );
        Assert.Contains("# TYPE stash_backup_target_success gauge\n", text, StringComparison.Ordinal);
        Assert.Contains("""group="kubedb.com",""", text, StringComparison.Ordinal);
        Assert.Contains(
            "stash_appscode_com_backupsession_target_last_success_time_seconds{",
            text,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_failure_only_says_so()
    {
        var text = await BackupAsync("Failed", succeeded: false);

        var names = text.Split('\n')
            .Where(line => line.Length > 0 && line[0] != '#')
            .Select(line => line[..line.IndexOf('{', StringComparison.Ordinal)]);
        Assert.Equal(
            [
                "stash_appscode_com_backupsession_success",
                "stash_appscode_com_backupsession_target_success",
                "stash_backup_session_success",
                "stash_backup_target_success",
            ],
            names.Order()
        );
        Assert.DoesNotContain("} 1", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_AppBinding_without_type_is_its_own_kind_and_a_vanished_one_has_none()
    {
        var untyped = Make.AppBinding();
        untyped.Spec.Type = null;

        Assert.Contains(
            """group="appcatalog.appscode.com",invoker_kind="BackupConfiguration","""
                + """invoker_name="pg-backup",kind="appbindings",""",
            await BackupAsync("Failed", false, untyped),
            StringComparison.Ordinal
        );
        Assert.DoesNotContain("group=", await BackupAsync("Failed", false, appBinding: null), StringComparison.Ordinal);
    }

    private static Task<string> BackupAsync(string phase, bool succeeded) =>
        BackupAsync(phase, succeeded, Make.AppBinding());

    private static Task<string> BackupAsync(
        string phase,
        bool succeeded,
        Api.AppCatalog.V1Alpha1.AppBinding? appBinding
    )
    {
        var invoker = BackupInvoker.Of(Make.Configuration());
        var session = Make.Session();
        var target = SessionStatus.Enter(session, invoker, invoker.Members[0]);
        SessionStatus.Started(target, null, Make.Noon);
        target.Stats.Add(new HostBackupStats { Hostname = "host-0", Phase = phase });
        return SessionSeries
            .OfBackup(
                session,
                invoker,
                succeeded,
                TimeSpan.FromSeconds(83),
                appBinding is null ? [] : [appBinding],
                [],
                Make.Noon
            )
            .ToTextAsync(TestContext.Current.CancellationToken);
    }
}
