using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Granary.Api.Names;
using Granary.Api.Tests.Schemas;
using Granary.TestSupport;

namespace Granary.Api.Tests;

/// <summary>The Functions and Tasks that are installed with the operator.</summary>
public sealed partial class CatalogTests
{
    /// <summary>
    /// Variables that every Job has, so that a Function may name them without a default. Source: stash-behaviour §3.3.
    /// </summary>
    private static readonly HashSet<string> AlwaysThere =
    [
        "NAMESPACE",
        "INVOKER_KIND",
        "INVOKER_NAME",
        "REPOSITORY_NAME",
        "REPOSITORY_NAMESPACE",
        "REPOSITORY_PROVIDER",
        "REPOSITORY_BUCKET",
        "REPOSITORY_PREFIX",
        "REPOSITORY_INSECURE_TLS",
        "REPOSITORY_SECRET_NAME",
        "REPOSITORY_SECRET_NAMESPACE",
        "MAX_CONNECTIONS",
        "TARGET_KIND",
        "TARGET_NAME",
        "TARGET_NAMESPACE",
        "ENABLE_CACHE",
        "INTERIM_DATA_DIR",
    ];

    private static readonly IReadOnlyList<JsonObject> Catalog = Documents.In("config/catalog");

    [Fact]
    public void Every_variable_is_built_in_or_has_a_default() =>
        Assert.All(Catalog.SelectMany(document => Variable().Matches(document.ToJsonString())), match =>
            Assert.True(
                match.Groups["default"].Success || AlwaysThere.Contains(match.Groups["name"].Value),
                $"{match.Value} may be missing"
            )
        );

    [Fact]
    public void Every_step_names_a_Function_of_the_catalog()
    {
        var functions = Names("Function");

        Assert.All(
            Catalog
                .Where(document => (string?)document["kind"] == "Task")
                .SelectMany(task => task["spec"]!["steps"]!.AsArray()),
            step => Assert.Contains((string)step!["name"]!, functions)
        );
    }

    [Theory]
    [InlineData("9.6.19")]
    [InlineData("10.14")]
    [InlineData("11.9")]
    [InlineData("12.4")]
    [InlineData("13.1")]
    [InlineData("14.0")]
    [InlineData("15.1")]
    [InlineData("16.1")]
    [InlineData("17.2")]
    [InlineData("18.2")]
    public void Every_version_of_Stash_is_there(string version)
    {
        var tasks = Names("Task");

        Assert.Contains($"postgres-backup-{version}", tasks);
        Assert.Contains($"postgres-restore-{version}", tasks);
    }

    [Theory]
    [InlineData("postgres-backup-11.2")]
    [InlineData("postgres-restore-11.2")]
    [InlineData("postgres-backup-13.1-v1")]
    [InlineData("pg-backup-11.2")]
    [InlineData("pg-restore-11.2")]
    public void Names_of_older_documentation_are_there(string name) => Assert.Contains(name, Names("Task"));

    [Fact]
    public void A_backup_is_two_steps_with_an_output_folder_between_them()
    {
        var task = Catalog.Single(document => Documents.NameOf(document) == "Task/postgres-backup-17.2");

        Assert.Equal(
            """
            {"steps":[
            {"name":"postgres-backup-17.2","params":[{"name":"outputDir","value":"/stash-tmp/output"}]},
            {"name":"update-status","params":[{"name":"outputDir","value":"/stash-tmp/output"}]}]}
            """.Replace("\n", "", StringComparison.Ordinal),
            task["spec"]!.ToJsonString()
        );
    }

    [Fact]
    public void Every_image_of_ours_has_the_version_of_this_release()
    {
        var version = typeof(Kinds).Assembly.GetName().Version!.ToString(3);
        var images = Directory
            .EnumerateFiles(Path.Combine(RepositoryRoot.Path, "config"), "*.yaml", SearchOption.AllDirectories)
            .SelectMany(file => Image().Matches(File.ReadAllText(file)))
            .Select(match => match.Value)
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal);

        Assert.Equal([$"granary/operator:{version}", $"granary/worker:{version}"], images);
    }

    private static HashSet<string> Names(string kind) =>
        [
            .. Catalog
                .Where(document => (string?)document["kind"] == kind)
                .Select(document => (string)document["metadata"]!["name"]!),
        ];

    [GeneratedRegex(@"\$\{(?<name>[A-Za-z_]+)(?<default>:=[^}]*)?\}", RegexOptions.NonBacktracking)]
    private static partial Regex Variable();

    [GeneratedRegex(@"granary/[a-z]+:[0-9.]+", RegexOptions.NonBacktracking)]
    private static partial Regex Image();
}
