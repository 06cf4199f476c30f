using System.Text.Json.Nodes;

namespace Granary.Api.Tests.Schemas;

/// <summary>Names, scopes, columns and requirements of the kinds. Source: stash-behaviour §1.1.</summary>
public sealed class DefinitionTests
{
    [Theory]
    [InlineData(
        "Repository",
        "stash.appscode.com/v1alpha1",
        "Namespaced",
        "repositories",
        "repo",
        "stash appscode",
        true
    )]
    [InlineData(
        "BackupConfiguration",
        "stash.appscode.com/v1beta1",
        "Namespaced",
        "backupconfigurations",
        "bc",
        "stash appscode all",
        true
    )]
    [InlineData(
        "BackupSession",
        "stash.appscode.com/v1beta1",
        "Namespaced",
        "backupsessions",
        "",
        "stash appscode all",
        true
    )]
    [InlineData(
        "RestoreSession",
        "stash.appscode.com/v1beta1",
        "Namespaced",
        "restoresessions",
        "restore",
        "stash appscode all",
        true
    )]
    [InlineData(
        "BackupBatch",
        "stash.appscode.com/v1beta1",
        "Namespaced",
        "backupbatches",
        "",
        "stash appscode all",
        true
    )]
    [InlineData(
        "RestoreBatch",
        "stash.appscode.com/v1beta1",
        "Namespaced",
        "restorebatches",
        "",
        "stash appscode all",
        true
    )]
    [InlineData(
        "BackupBlueprint",
        "stash.appscode.com/v1beta1",
        "Cluster",
        "backupblueprints",
        "bb",
        "stash appscode",
        false
    )]
    [InlineData("Function", "stash.appscode.com/v1beta1", "Cluster", "functions", "fn", "stash appscode", false)]
    [InlineData("Task", "stash.appscode.com/v1beta1", "Cluster", "tasks", "task", "stash appscode", false)]
    [InlineData(
        "AppBinding",
        "appcatalog.appscode.com/v1alpha1",
        "Namespaced",
        "appbindings",
        "",
        "catalog appscode all",
        false
    )]
    public void Kinds_have_Stashs_identity(
        string kind,
        string apiVersion,
        string scope,
        string plural,
        string shortNames,
        string categories,
        bool hasStatus
    )
    {
        var (spec, version) = (Definitions.SpecOf(kind), Definitions.VersionOf(kind));

        Assert.Equal(apiVersion, $"{spec["group"]}/{version["name"]}");
        Assert.Equal(scope, (string?)spec["scope"]);
        Assert.Equal(plural, (string?)spec["names"]!["plural"]);
        Assert.Equal(shortNames, Words(spec["names"]!["shortNames"]));
        Assert.Equal(categories, Words(spec["names"]!["categories"]));
        Assert.Equal(hasStatus, version["subresources"]?["status"] is not null);
        Assert.True((bool?)version["served"]);
        Assert.True((bool?)version["storage"]);
    }

    [Theory]
    [InlineData(
        "Repository",
        "Integrity:boolean:.status.integrity Size:string:.status.totalSize "
            + "Snapshot-Count:integer:.status.snapshotCount Last-Successful-Backup:date:.status.lastBackupTime"
    )]
    [InlineData(
        "BackupConfiguration",
        "Task:string:.spec.task.name Schedule:string:.spec.schedule Paused:boolean:.spec.paused "
            + "Phase:string:.status.phase"
    )]
    [InlineData(
        "BackupSession",
        "Invoker-Type:string:.spec.invoker.kind Invoker-Name:string:.spec.invoker.name Phase:string:.status.phase "
            + "Duration:string:.status.sessionDuration"
    )]
    [InlineData(
        "RestoreSession",
        "Repository:string:.spec.repository.name Phase:string:.status.phase Duration:string:.status.sessionDuration"
    )]
    [InlineData("BackupBatch", "Schedule:string:.spec.schedule Paused:boolean:.spec.paused Phase:string:.status.phase")]
    [InlineData(
        "RestoreBatch",
        "Repository:string:.spec.repository.name Phase:string:.status.phase Duration:string:.status.sessionDuration"
    )]
    [InlineData("BackupBlueprint", "Task:string:.spec.task.name Schedule:string:.spec.schedule")]
    [InlineData("Function", "")]
    [InlineData("Task", "")]
    [InlineData("AppBinding", "Type:string:.spec.type Version:string:.spec.version")]
    public void Kinds_have_Stashs_columns(string kind, string columns)
    {
        var found = Definitions.VersionOf(kind)["additionalPrinterColumns"]!
            .AsArray()
            .Select(column => $"{column!["name"]}:{column["type"]}:{column["jsonPath"]}");

        Assert.Equal($"{columns} Age:date:.metadata.creationTimestamp".Trim(), string.Join(' ', found));
    }

    [Theory]
    [InlineData("BackupConfiguration", "", "spec")]
    [InlineData("AppBinding", "", "spec")]
    [InlineData("Repository", "", "")]
    [InlineData("BackupConfiguration", ".spec", "retentionPolicy")]
    [InlineData("BackupBatch", ".spec", "retentionPolicy")]
    [InlineData("BackupBlueprint", ".spec", "retentionPolicy")]
    [InlineData("AppBinding", ".spec", "clientConfig")]
    [InlineData("Repository", ".spec", "")]
    [InlineData("RestoreSession", ".spec", "")]
    [InlineData("BackupConfiguration", ".spec.retentionPolicy", "name prune")]
    [InlineData("BackupConfiguration", ".spec.repository", "name")]
    [InlineData("BackupConfiguration", ".spec.hooks.postBackup.httpPost", "port")]
    [InlineData("BackupConfiguration", ".spec.target.ref", "")]
    [InlineData("BackupSession", ".spec.invoker", "kind name")]
    [InlineData("Repository", ".spec.backend.s3", "bucket endpoint")]
    [InlineData("Repository", ".spec.backend.local", "mountPath")]
    [InlineData("AppBinding", ".spec.clientConfig.service", "name port scheme")]
    public void Members_are_required_where_Stash_requires_them(string kind, string path, string required) =>
        Assert.Equal(required, Words(At(kind, path)["required"]));

    [Theory]
    [InlineData("BackupConfiguration", ".spec.driver", "\"Restic\"")]
    [InlineData("BackupConfiguration", ".spec.paused", "false")]
    [InlineData("BackupConfiguration", ".spec.retryConfig.maxRetry", "1")]
    [InlineData("BackupConfiguration", ".spec.hooks.postBackup.executionPolicy", "\"Always\"")]
    [InlineData("BackupBatch", ".spec.executionOrder", "\"Parallel\"")]
    [InlineData("Repository", ".spec.usagePolicy.allowedNamespaces.from", "\"Same\"")]
    [InlineData("AppBinding", ".spec.secret.kind", "\"Secret\"")]
    [InlineData("AppBinding", ".spec.secret.apiGroup", "\"\"")]
    public void Defaults_are_Stashs(string kind, string path, string expected) =>
        Assert.Equal(expected, At(kind, path)["default"]!.ToJsonString());

    [Theory]
    [InlineData("BackupConfiguration", ".spec.tempDir.sizeLimit")]
    [InlineData("BackupConfiguration", ".spec.hooks.preBackup.httpGet.port")]
    [InlineData("BackupConfiguration", ".spec.runtimeSettings.container.resources.limits.*")]
    [InlineData("BackupConfiguration", ".spec.interimVolumeTemplate.spec.resources.requests.*")]
    public void Ports_and_quantities_are_numbers_or_text(string kind, string path)
    {
        var schema = At(kind, path);

        Assert.True((bool?)schema["x-kubernetes-int-or-string"]);
        Assert.Null(schema["type"]);
    }

    [Theory]
    [InlineData("AppBinding", ".spec")]
    [InlineData("BackupSession", ".status")]
    public void Spec_and_status_are_never_null(string kind, string path) => Assert.Null(At(kind, path)["nullable"]);

    [Fact]
    public void Parameters_of_an_AppBinding_are_free() =>
        Assert.True((bool?)At("AppBinding", ".spec.parameters")["x-kubernetes-preserve-unknown-fields"]);

    [Fact]
    public void Explain_has_something_to_say() =>
        Assert.Equal(
            "Cron expression of the sessions.",
            (string?)At("BackupConfiguration", ".spec.schedule")["description"]
        );

    private static JsonObject At(string kind, string path) =>
        path.Split('.', StringSplitOptions.RemoveEmptyEntries)
            .Aggregate(Definitions.SchemaOf(kind), (schema, name) =>
                (name == "*" ? schema["additionalProperties"]! : schema["properties"]![name]!).AsObject()
            );

    private static string Words(JsonNode? list) =>
        string.Join(' ', (list?.AsArray() ?? []).Select(item => (string?)item));
}
