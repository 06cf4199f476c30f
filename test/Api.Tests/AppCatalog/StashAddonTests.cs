using Granary.Api.AppCatalog.V1Alpha1;
using k8s;

namespace Granary.Api.Tests.AppCatalog;

public sealed class StashAddonTests
{
    [Fact]
    public void Tasks_are_read_from_parameters_of_any_kind()
    {
        var binding = KubernetesJson.Deserialize<AppBinding>(
            """
            {"apiVersion":"appcatalog.appscode.com/v1alpha1","kind":"AppBinding","metadata":{"name":"pg"},
             "spec":{"clientConfig":{"url":"postgresql://pg"},
              "parameters":{"apiVersion":"config.kubedb.com/v1alpha1","kind":"PostgresConfiguration","stash":{"addon":{
                "backupTask":{"name":"postgres-backup-17.2","params":[{"name":"args","value":"--clean"}]},
                "restoreTask":{"name":"postgres-restore-17.2"}}}}}}
            """
        );

        var addon = StashAddon.Of(binding);

        Assert.Equal("postgres-backup-17.2", addon?.BackupTask?.Name);
        Assert.Equal("--clean", Assert.Single(addon!.BackupTask!.Params!).Value);
        Assert.Equal("postgres-restore-17.2", addon.RestoreTask?.Name);
        Assert.Null(addon.RestoreTask?.Params);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"stash":null}""")]
    [InlineData("""{"stash":{"addon":null}}""")]
    [InlineData("""{"stash":"text"}""")]
    public void Other_parameters_name_no_tasks(string parameters)
    {
        var binding = KubernetesJson.Deserialize<AppBinding>(
            $$$"""{"spec":{"clientConfig":{},"parameters":{{{parameters}}}}}"""
        );

        Assert.Null(StashAddon.Of(binding));
    }
}
