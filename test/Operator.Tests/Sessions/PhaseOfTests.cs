using Granary.Api.Common;
using Granary.Api.Names;
using Granary.Api.Stash.V1Beta1;
using Granary.Operator.Backups;
using Granary.Operator.Cluster;
using Granary.Operator.Sessions;

namespace Granary.Operator.Tests.Sessions;

public sealed class PhaseOfTests
{
    // §2.3: conditions as "Type=True|False|Unknown", first rule that fits decides.
    [Theory]
    [InlineData("NotReady", "")]
    [InlineData("NotReady", "RepositoryFound=False")]
    [InlineData("NotReady", "RepositoryFound=Unknown")]
    [InlineData(
        "NotReady",
        "RepositoryFound=True BackendSecretFound=False ValidationPassed=True CronJobCreated=True BackupTargetFound=True"
    )]
    [InlineData(
        "NotReady",
        "RepositoryFound=True BackendSecretFound=Unknown ValidationPassed=True CronJobCreated=True "
            + "BackupTargetFound=True"
    )]
    [InlineData("Invalid", "RepositoryFound=True BackendSecretFound=True ValidationPassed=False CronJobCreated=True")]
    [InlineData("NotReady", "RepositoryFound=False ValidationPassed=False")] // Missing things come before invalid ones.
    [InlineData(
        "NotReady",
        "RepositoryFound=True BackendSecretFound=True ValidationPassed=True BackupTargetFound=True CronJobCreated=False"
    )]
    [InlineData(
        "NotReady",
        "RepositoryFound=True BackendSecretFound=True ValidationPassed=True BackupTargetFound=True"
    )]
    [InlineData(
        "NotReady",
        "RepositoryFound=True BackendSecretFound=True ValidationPassed=True CronJobCreated=True BackupTargetFound=False"
    )] // D9
    [InlineData(
        "Ready",
        "RepositoryFound=True BackendSecretFound=True ValidationPassed=True CronJobCreated=True BackupTargetFound=True"
    )]
    public void Phase_of_an_invoker(string expected, string conditions)
    {
        Assert.Equal(expected, InvokerPhaseRules.Of(Drivers.Restic, Parse(conditions)));
    }

    [Fact]
    public void An_operator_that_may_not_read_Secrets_still_lets_backups_run()
    {
        var conditions = Parse(
            "RepositoryFound=True BackendSecretFound=Unknown ValidationPassed=True CronJobCreated=True "
                + "BackupTargetFound=True"
        );
        conditions[1].Reason = Prerequisites.NotPermittedToCheck;

        Assert.Equal(InvokerPhase.Ready, InvokerPhaseRules.Of(Drivers.Restic, conditions));
    }

    // §2.5, target: total hosts (- for unset), reports as S or F, conditions.
    [Theory]
    [InlineData("Pending", "-", "", "")]
    [InlineData("Failed", "-", "", "BackupExecutorEnsured=False")]
    [InlineData("Running", "1", "", "BackupExecutorEnsured=True")]
    [InlineData("Failed", "1", "", "BackupExecutorEnsured=True PreBackupHookExecutionSucceeded=False")]
    [InlineData("Failed", "1", "S", "BackupExecutorEnsured=True PostBackupHookExecutionSucceeded=False")]
    [InlineData("Failed", "1", "S", "BackupExecutorEnsured=True BackupDisrupted=True")]
    [InlineData("Succeeded", "1", "S", "BackupExecutorEnsured=True")]
    [InlineData("Failed", "1", "F", "BackupExecutorEnsured=True")]
    [InlineData("Running", "2", "S", "BackupExecutorEnsured=True")]
    [InlineData("Failed", "2", "SF", "BackupExecutorEnsured=True")]
    public void Phase_of_a_target(string expected, string hosts, string reports, string conditions)
    {
        Assert.Equal(expected, PhaseOf.Target(Target(hosts, reports, conditions)));
    }

    // §2.5, session: one target in the given state, and the session's conditions.
    [Theory]
    [InlineData("Pending", null, "")]
    [InlineData("Pending", "Pending", "")]
    [InlineData("Skipped", null, "BackupSkipped=True")]
    [InlineData("Running", "Running", "")]
    [InlineData("Running", "Succeeded", "")] // Metrics are the last step.
    [InlineData("Running", "Failed", "BackupHistoryCleaned=True")]
    [InlineData("Succeeded", "Succeeded", "BackupHistoryCleaned=True MetricsPushed=True")]
    [InlineData("Succeeded", "Succeeded", "MetricsPushed=False")] // D6
    [InlineData("Succeeded", "Succeeded", "RepositoryMetricsPushed=False MetricsPushed=True")] // D6
    [InlineData("Failed", "Failed", "MetricsPushed=True")]
    [InlineData("Failed", "Failed", "MetricsPushed=False")]
    [InlineData("Failed", "Succeeded", "BackupHistoryCleaned=False MetricsPushed=True")]
    [InlineData("Failed", "Succeeded", "RetentionPolicyApplied=False MetricsPushed=True")]
    [InlineData("Failed", "Succeeded", "RepositoryIntegrityVerified=False MetricsPushed=True")]
    [InlineData("Failed", "Succeeded", "GlobalPreBackupHookSucceeded=False MetricsPushed=True")]
    [InlineData("Failed", "Succeeded", "GlobalPostBackupHookSucceeded=False MetricsPushed=True")]
    [InlineData("Running", "Running", "DeadlineExceeded=True")]
    [InlineData("Failed", "Running", "DeadlineExceeded=True MetricsPushed=True")]
    [InlineData("Failed", null, "DeadlineExceeded=True MetricsPushed=True")]
    public void Phase_of_a_session(string expected, string? target, string conditions)
    {
        Assert.Equal(expected, PhaseOf.Session(Session(target, conditions), failOnMetrics: false));
    }

    [Theory]
    [InlineData("Failed", "MetricsPushed=False")]
    [InlineData("Failed", "RepositoryMetricsPushed=False MetricsPushed=True")]
    [InlineData("Succeeded", "RepositoryMetricsPushed=True MetricsPushed=True")]
    public void Metrics_can_be_made_to_matter(string expected, string conditions)
    {
        Assert.Equal(expected, PhaseOf.Session(Session("Succeeded", conditions), failOnMetrics: true));
    }

    // §2.8: hosts, reports (R running, S, F, U unknown) and conditions.
    [Theory]
    [InlineData("Pending", "-", "", "")]
    [InlineData("Pending", "-", "", "RepositoryFound=False")]
    [InlineData("Pending", "-", "", "RepositoryFound=True BackendSecretFound=False")]
    [InlineData(
        "Pending",
        "-",
        "",
        "RepositoryFound=True BackendSecretFound=True ValidationPassed=True RestoreTargetFound=False"
    )]
    [InlineData("Invalid", "-", "", "RepositoryFound=True BackendSecretFound=True ValidationPassed=False")]
    [InlineData("Running", "1", "", "RestoreExecutorEnsured=True")]
    [InlineData("Running", "1", "R", "RestoreExecutorEnsured=True")]
    [InlineData("Running", "1", "S", "RestoreExecutorEnsured=True")]
    [InlineData("Succeeded", "1", "S", "RestoreExecutorEnsured=True MetricsPushed=True")]
    [InlineData("Succeeded", "1", "S", "RestoreExecutorEnsured=True MetricsPushed=False")]
    [InlineData("Failed", "1", "F", "RestoreExecutorEnsured=True MetricsPushed=True")]
    [InlineData("Unknown", "1", "U", "RestoreExecutorEnsured=True MetricsPushed=True")]
    [InlineData("Unknown", "2", "FU", "RestoreExecutorEnsured=True MetricsPushed=True")]
    [InlineData("Running", "-", "", "RestoreExecutorEnsured=False")]
    [InlineData("Failed", "-", "", "RestoreExecutorEnsured=False MetricsPushed=True")]
    [InlineData(
        "Failed",
        "1",
        "S",
        "RestoreExecutorEnsured=True PostRestoreHookExecutionSucceeded=False MetricsPushed=True"
    )]
    [InlineData("Failed", "1", "F", "RestoreExecutorEnsured=True RestoreDisrupted=True MetricsPushed=True")]
    [InlineData("Failed", "1", "", "RestoreExecutorEnsured=True DeadlineExceeded=True MetricsPushed=True")]
    public void Phase_of_a_restore(string expected, string hosts, string reports, string conditions)
    {
        var status = new RestoreSessionStatus
        {
            Conditions = Parse(conditions),
            TotalHosts = hosts == "-" ? null : int.Parse(hosts),
        };
        status.Stats.AddRange(
            reports.Select(report => new HostRestoreStats
            {
                Phase = report switch
                {
                    'S' => "Succeeded",
                    'F' => "Failed",
                    'R' => "Running",
                    _ => "Unknown",
                },
            })
        );

        Assert.Equal(expected, PhaseOf.Restore(status, failOnMetrics: false));
    }

    private static BackupSessionStatus Session(string? target, string conditions)
    {
        var status = new BackupSessionStatus { Conditions = Parse(conditions) };
        if (target is not null)
        {
            status.Targets.Add(
                target switch
                {
                    "Pending" => Target("-", "", ""),
                    "Running" => Target("1", "", ""),
                    "Succeeded" => Target("1", "S", ""),
                    _ => Target("1", "F", ""),
                }
            );
        }

        return status;
    }

    private static BackupTargetStatus Target(string hosts, string reports, string conditions)
    {
        var target = new BackupTargetStatus
        {
            Conditions = Parse(conditions),
            TotalHosts = hosts == "-" ? null : int.Parse(hosts),
        };
        target.Stats.AddRange(
            reports.Select(report => new HostBackupStats { Phase = report == 'S' ? "Succeeded" : "Failed" })
        );
        return target;
    }

    private static List<Condition> Parse(string conditions) =>
        [
            .. conditions
                .Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Select(text => text.Split('='))
                .Select(parts => new Condition { Type = parts[0], Status = parts[1] }),
        ];
}
