using System.Text.Json.Nodes;
using Granary.Api.Names;

namespace Granary.Manifests.Catalog;

/// <summary>
/// Stash's Functions and Tasks for PostgreSQL. Names and parameters are Stash's; the image is ours and the same for
/// all.
/// </summary>
/// <remarks>
/// The worker chooses its PostgreSQL programs by the server's version, so a Task's version is a name and nothing more.
/// Source: stash-behaviour §3.5 and §3.6.
/// </remarks>
internal static class PostgresCatalog
{
    private const string Folder = "config/catalog";

    /// <summary>The worker of this release: the version stands in Directory.Build.props alone.</summary>
    private static readonly string Image =
        $"granary/worker:{typeof(PostgresCatalog).Assembly.GetName().Version?.ToString(3)}";

    private static readonly string[] Versions =
    [
        "9.6.19",
        "10.14",
        "11.9",
        "12.4",
        "13.1",
        "14.0",
        "15.1",
        "16.1",
        "17.2",
        "18.2",
    ];

    /// <summary>
    /// Names that Stash's documentation of other releases uses: the start, and what follows "backup" or "restore".
    /// </summary>
    private static readonly (string Database, string Version)[] Aliases =
    [
        ("postgres", "11.2"),
        ("postgres", "13.1-v1"),
        ("pg", "11.2"),
    ];

    private static readonly string[] Location =
    [
        "--provider=${REPOSITORY_PROVIDER:=}",
        "--bucket=${REPOSITORY_BUCKET:=}",
        "--endpoint=${REPOSITORY_ENDPOINT:=}",
        "--insecure-tls=${REPOSITORY_INSECURE_TLS:=false}",
        "--region=${REPOSITORY_REGION:=}",
        "--path=${REPOSITORY_PREFIX:=}",
    ];

    private static readonly string[] Backup =
    [
        "backup-pg",
        .. Location,
        "--storage-secret-name=${REPOSITORY_SECRET_NAME:=}",
        "--storage-secret-namespace=${REPOSITORY_SECRET_NAMESPACE:=}",
        "--scratch-dir=/stash-tmp",
        "--enable-cache=${ENABLE_CACHE:=true}",
        "--max-connections=${MAX_CONNECTIONS:=0}",
        "--hostname=${HOSTNAME:=}",
        "--backup-cmd=${backupCMD:=pg_dumpall}",
        "--pg-args=${args:=}",
        "--wait-timeout=${waitTimeout:=300}",
        "--user=${user:=}",
        "--namespace=${NAMESPACE:=default}",
        "--appbinding=${TARGET_NAME:=}",
        "--appbinding-namespace=${TARGET_NAMESPACE:=}",
        "--backupsession=${BACKUP_SESSION:=}",
        "--retention-keep-last=${RETENTION_KEEP_LAST:=0}",
        "--retention-keep-hourly=${RETENTION_KEEP_HOURLY:=0}",
        "--retention-keep-daily=${RETENTION_KEEP_DAILY:=0}",
        "--retention-keep-weekly=${RETENTION_KEEP_WEEKLY:=0}",
        "--retention-keep-monthly=${RETENTION_KEEP_MONTHLY:=0}",
        "--retention-keep-yearly=${RETENTION_KEEP_YEARLY:=0}",
        "--retention-keep-tags=${RETENTION_KEEP_TAGS:=}",
        "--retention-prune=${RETENTION_PRUNE:=false}",
        "--retention-dry-run=${RETENTION_DRY_RUN:=false}",
        "--output-dir=${outputDir:=}",
        "--license-apiservice=${LICENSE_APISERVICE:=}",
    ];

    private static readonly string[] Restore =
    [
        "restore-pg",
        .. Location,
        "--storage-secret-name=${REPOSITORY_SECRET_NAME:=}",
        "--storage-secret-namespace=${REPOSITORY_SECRET_NAMESPACE:=}",
        "--scratch-dir=/stash-tmp",
        "--enable-cache=${ENABLE_CACHE:=true}",
        "--max-connections=${MAX_CONNECTIONS:=0}",
        "--hostname=${HOSTNAME:=}",
        "--source-hostname=${SOURCE_HOSTNAME:=}",
        "--snapshot=${RESTORE_SNAPSHOTS:=}",
        "--pg-args=${args:=}",
        "--wait-timeout=${waitTimeout:=300}",
        "--user=${user:=}",
        "--namespace=${NAMESPACE:=default}",
        "--appbinding=${TARGET_NAME:=}",
        "--appbinding-namespace=${TARGET_NAMESPACE:=}",
        "--output-dir=${outputDir:=}",
        "--license-apiservice=${LICENSE_APISERVICE:=}",
    ];

    private static readonly string[] UpdateStatus =
    [
        "update-status",
        .. Location,
        "--storage-secret-name=${REPOSITORY_SECRET_NAME}",
        "--storage-secret-namespace=${REPOSITORY_SECRET_NAMESPACE}",
        "--scratch-dir=/stash-tmp",
        "--enable-cache=${ENABLE_CACHE:=true}",
        "--max-connections=${MAX_CONNECTIONS:=0}",
        "--namespace=${NAMESPACE:=default}",
        "--backupsession=${BACKUP_SESSION:=}",
        "--invoker-kind=${INVOKER_KIND:=}",
        "--invoker-name=${INVOKER_NAME:=}",
        "--target-kind=${TARGET_KIND:=}",
        "--target-name=${TARGET_NAME:=}",
        "--target-namespace=${TARGET_NAMESPACE:=}",
        "--output-dir=${outputDir:=}",
        "--metrics-enabled=true",
        "--metrics-pushgateway-url=${PROMETHEUS_PUSHGATEWAY_URL:=}",
    ];

    public static void AddTo(ManifestFiles files)
    {
        files.Add($"{Folder}/update-status.yaml", Function("update-status", UpdateStatus));
        foreach (var version in Versions)
        {
            files.Add($"{Folder}/postgres-{version}.yaml", Entries("postgres", version));
        }

        files.Add($"{Folder}/aliases.yaml", Aliases.SelectMany(alias => Entries(alias.Database, alias.Version)));
    }

    private static IEnumerable<JsonObject> Entries(string database, string version)
    {
        var (backup, restore) = ($"{database}-backup-{version}", $"{database}-restore-{version}");
        return [Function(backup, Backup), Function(restore, Restore), Task(backup), Task(restore)];
    }

    private static JsonObject Function(string name, IEnumerable<string> args) =>
        new()
        {
            ["apiVersion"] = Kinds.StashApiVersion,
            ["kind"] = "Function",
            ["metadata"] = new JsonObject { ["name"] = name },
            ["spec"] = new JsonObject
            {
                ["image"] = Image,
                ["args"] = new JsonArray([.. args.Select(argument => JsonValue.Create(argument))]),
            },
        };

    private static JsonObject Task(string name) =>
        new()
        {
            ["apiVersion"] = Kinds.StashApiVersion,
            ["kind"] = "Task",
            ["metadata"] = new JsonObject { ["name"] = name },
            ["spec"] = new JsonObject { ["steps"] = new JsonArray(Step(name), Step("update-status")) },
        };

    private static JsonObject Step(string function) =>
        new()
        {
            ["name"] = function,
            ["params"] = new JsonArray(new JsonObject { ["name"] = "outputDir", ["value"] = PodNames.OutputDir }),
        };
}
