using Granary.Api.Common;
using Granary.Api.Names;
using Granary.Api.Stash.V1Alpha1;
using Granary.Api.Stash.V1Beta1;
using Granary.Operator.Invokers;
using Granary.Operator.Tasks;
using Granary.Operator.Tests.Support;

namespace Granary.Operator.Tests.Tasks;

public sealed class VariableCatalogueTests
{
    // §3.3 for a backup.
    [Theory]
    [InlineData("NAMESPACE", "demo")]
    [InlineData("BACKUP_SESSION", "pg-backup-1")]
    [InlineData("INVOKER_KIND", "BackupConfiguration")]
    [InlineData("INVOKER_NAME", "pg-backup")]
    [InlineData("REPOSITORY_NAME", "storage")]
    [InlineData("REPOSITORY_NAMESPACE", "demo")]
    [InlineData("REPOSITORY_PROVIDER", "s3")]
    [InlineData("REPOSITORY_BUCKET", "backups")]
    [InlineData("REPOSITORY_PREFIX", "/demo/pg")]
    [InlineData("REPOSITORY_ENDPOINT", "http://s3.storage.svc:9000")]
    [InlineData("REPOSITORY_REGION", "")]
    [InlineData("REPOSITORY_INSECURE_TLS", "false")]
    [InlineData("REPOSITORY_SECRET_NAME", "storage-secret")]
    [InlineData("REPOSITORY_SECRET_NAMESPACE", "demo")]
    [InlineData("MAX_CONNECTIONS", "0")]
    [InlineData("HOSTNAME", "host-0")]
    [InlineData("TARGET_KIND", "AppBinding")]
    [InlineData("TARGET_NAME", "sample-postgres")]
    [InlineData("TARGET_NAMESPACE", "demo")]
    [InlineData("TARGET_APP_GROUP", "kubedb.com")]
    [InlineData("TARGET_APP_RESOURCE", "postgres")]
    [InlineData("TARGET_APP_VERSION", "17.2")]
    [InlineData("RETENTION_KEEP_LAST", "5")]
    [InlineData("RETENTION_PRUNE", "true")]
    [InlineData("RETENTION_KEEP_DAILY", null)]
    [InlineData("RETENTION_DRY_RUN", null)]
    [InlineData("DRIVER_ARGS", null)]
    [InlineData("ENABLE_CACHE", "true")]
    [InlineData("INTERIM_DATA_DIR", "/stash-tmp/stash-interim-volume/data")]
    [InlineData("STASH_DOCKER_REGISTRY", "registry.example:5000/granary")]
    [InlineData("STASH_DOCKER_IMAGE", "worker")]
    [InlineData("STASH_IMAGE_TAG", "1.2")]
    [InlineData("PROMETHEUS_JOB_NAME", "pg-backup")]
    [InlineData("LICENSE_APISERVICE", "")]
    public void A_backup_knows(string name, string? expected)
    {
        var invoker = BackupInvoker.Of(Make.Configuration());

        var variables = VariableCatalogue.ForBackup(
            invoker,
            invoker.Members[0],
            "pg-backup-1",
            Surroundings(),
            new TaskRef { Name = "t" }
        );

        Assert.Equal(expected, variables.GetValueOrDefault(name));
    }

    [Fact]
    public void Task_parameters_come_with_what_is_built_in_and_may_tune_a_step()
    {
        var invoker = BackupInvoker.Of(Make.Configuration());
        var task = new TaskRef
        {
            Name = "t",
            Params = [Make.Param("MAX_CONNECTIONS", "7"), Make.Param("args", "--clean")],
        };

        var variables = VariableCatalogue.ForBackup(invoker, invoker.Members[0], "s", Surroundings(), task);

        Assert.Equal("7", variables["MAX_CONNECTIONS"]);
        Assert.Equal("--clean", variables["args"]);
    }

    // Issue: a namespace that may use one prefix pruned another's snapshots by such a parameter.
    [Theory]
    [InlineData("REPOSITORY_PREFIX")]
    [InlineData("REPOSITORY_SECRET_NAME")]
    [InlineData("RETENTION_KEEP_DAILY")] // not set by this policy
    [InlineData("BACKUP_SESSION")]
    [InlineData("TARGET_NAMESPACE")]
    public void A_parameter_cannot_have_a_built_in_name(string name)
    {
        var task = new TaskRef { Name = "t", Params = [Make.Param(name, "theirs")] };
        var backup = BackupInvoker.Of(Make.Configuration());
        var restore = RestoreInvoker.Of(Make.Restore());

        var refused = Assert.Throws<TaskResolutionException>(() =>
            VariableCatalogue.ForBackup(backup, backup.Members[0], "s", Surroundings(), task)
        );
        Assert.Throws<TaskResolutionException>(() =>
            VariableCatalogue.ForRestore(
                restore,
                restore.Members[0],
                RestoreSource.For(restore.Members[0])!,
                Surroundings(),
                task
            )
        );

        Assert.Contains($"\"{name}\"", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void All_that_is_built_in_is_reserved_or_only_tunes_a_step()
    {
        var backup = BackupInvoker.Of(Make.Configuration());
        var restore = RestoreInvoker.Of(Make.Restore());

        var known = VariableCatalogue
            .ForBackup(backup, backup.Members[0], "s", Surroundings(), new TaskRef())
            .Keys.Concat(Restore(null, []).Keys);

        Assert.All(known, name =>
            Assert.NotEqual(BuiltInVariables.Tunable.Contains(name), BuiltInVariables.IsReserved(name))
        );
    }

    [Fact]
    public void A_Repository_without_storage_is_an_error_and_not_an_empty_Job()
    {
        var repository = Make.Repository();
        repository.Spec.Backend = new Backend { StorageSecretName = "s" };
        var invoker = BackupInvoker.Of(Make.Configuration());

        Assert.Throws<TaskResolutionException>(() =>
            VariableCatalogue.ForBackup(
                invoker,
                invoker.Members[0],
                "s",
                new JobSurroundings(repository, null, Make.Options),
                new TaskRef()
            )
        );
    }

    // Rule matching: a rule that names the host, else one without hosts, else none (D11).
    [Theory]
    [InlineData(null, "", "", "")] // no rules, no alias
    [InlineData("db-1", "", "", "")]
    public void Without_rules_a_restore_leaves_the_choice_to_the_worker(
        string? alias,
        string host,
        string source,
        string snapshots
    )
    {
        var variables = Restore(alias, []);

        Assert.Equal(host, variables["HOSTNAME"]);
        Assert.Equal(source, variables["SOURCE_HOSTNAME"]);
        Assert.Equal(snapshots, variables["RESTORE_SNAPSHOTS"]);
    }

    [Fact]
    public void The_rule_that_names_the_host_wins_over_the_fallback()
    {
        var variables = Restore(
            "db-1",
            [
                new Rule { Snapshots = ["latest"] },
                new Rule
                {
                    TargetHosts = ["db-1"],
                    SourceHost = "db-0",
                    Snapshots = ["abc", "def"],
                },
            ]
        );

        Assert.Equal("db-1", variables["HOSTNAME"]);
        Assert.Equal("db-0", variables["SOURCE_HOSTNAME"]);
        Assert.Equal("abc,def", variables["RESTORE_SNAPSHOTS"]);
    }

    [Fact]
    public void The_fallback_rule_restores_from_the_alias()
    {
        var variables = Restore("db-1", [new Rule { Snapshots = ["latest"] }]);

        Assert.Equal("db-1", variables["HOSTNAME"]);
        Assert.Equal("db-1", variables["SOURCE_HOSTNAME"]);
        Assert.Equal("latest", variables["RESTORE_SNAPSHOTS"]);
    }

    [Fact]
    public void A_rule_for_the_default_host_is_for_a_target_without_alias()
    {
        Assert.Equal("host-0", Restore(null, [new Rule { TargetHosts = ["host-0"] }])["HOSTNAME"]);
    }

    [Fact]
    public void Rules_of_which_none_fits_restore_nothing()
    {
        var session = Make.Restore("r", new Rule { TargetHosts = ["other"] });

        Assert.Null(RestoreSource.For(RestoreInvoker.Of(session).Members[0]));
    }

    [Fact]
    public void Rules_at_the_deprecated_place_count()
    {
        var session = Make.Restore();
        session.Spec.Rules = [new Rule { Snapshots = ["5a3b"] }];

        Assert.Equal(["5a3b"], RestoreSource.For(RestoreInvoker.Of(session).Members[0])!.Rule!.Snapshots);
    }

    private static IReadOnlyDictionary<string, string> Restore(string? alias, List<Rule> rules)
    {
        var session = Make.Restore("pg-restore", rules);
        session.Spec.Target!.Alias = alias;
        var invoker = RestoreInvoker.Of(session);
        var source = RestoreSource.For(invoker.Members[0]);
        Assert.NotNull(source);
        return VariableCatalogue.ForRestore(invoker, invoker.Members[0], source, Surroundings(), new TaskRef());
    }

    private static JobSurroundings Surroundings() => new(Make.Repository(), Make.AppBinding(), Make.Options);
}
