using System.Text.RegularExpressions;
using Granary.TestSupport;
using Granary.Worker.Commands;
using Microsoft.Extensions.Logging.Abstractions;
using YamlDotNet.RepresentationModel;

namespace Granary.Worker.Tests.Commands;

/// <summary>Every Function of the catalog must find the flags that it passes.</summary>
public sealed partial class CatalogTests
{
    public static TheoryData<string, string[]> Functions
    {
        get
        {
            var functions = new TheoryData<string, string[]>();
            foreach (
                var file in Directory
                    .EnumerateFiles(Path.Combine(RepositoryRoot.Path, "config", "catalog"), "*.yaml")
                    .Order(StringComparer.Ordinal)
            )
            {
                foreach (var (name, arguments) in FunctionsOf(file))
                {
                    functions.Add(name, arguments);
                }
            }

            return functions;
        }
    }

    [Theory]
    [MemberData(nameof(Functions))]
    public void A_function_passes_no_flag_that_the_worker_does_not_know(string name, string[] arguments)
    {
        using var services = new WorkerServices(
            WorkerOptions.From(_ => null),
            NullLogger.Instance,
            TimeProvider.System
        );

        var parsed = WorkerProgram.Parse([.. arguments.Select(Resolved)], services);

        Assert.True(
            parsed.Errors.Count == 0,
            $"{name}: {string.Join("; ", parsed.Errors.Select(error => error.Message))}"
        );
        Assert.Empty(parsed.UnmatchedTokens);
    }

    [Theory]
    [InlineData("--hostname=")]
    [InlineData("--some-flag-of-another-release=x")]
    [InlineData("--pg-args=--clean --if-exists")]
    [InlineData("--pg-args=@not-a-file")]
    [InlineData("--insecure-tls=")]
    [InlineData("--enable-cache")]
    public void Flags_without_values_and_unknown_flags_are_no_errors(string flag)
    {
        using var services = new WorkerServices(
            WorkerOptions.From(_ => null),
            NullLogger.Instance,
            TimeProvider.System
        );

        Assert.Empty(WorkerProgram.Parse(["backup-pg", flag, "--appbinding=db"], services).Errors);
    }

    [Fact]
    public void A_wait_timeout_that_is_no_number_is_an_error()
    {
        using var services = new WorkerServices(
            WorkerOptions.From(_ => null),
            NullLogger.Instance,
            TimeProvider.System
        );

        Assert.Contains(
            "--wait-timeout",
            Assert.Single(WorkerProgram.Parse(["backup-pg", "--wait-timeout=soon"], services).Errors).Message,
            StringComparison.Ordinal
        );
    }

    /// <summary>As the operator would with nothing but defaults; a variable without one gets a value.</summary>
    private static string Resolved(string argument) =>
        Variable()
            .Replace(argument, match => match.Groups["default"].Success ? match.Groups["default"].Value : "value");

    private static IEnumerable<(string Name, string[] Arguments)> FunctionsOf(string file)
    {
        var yaml = new YamlStream();
        using var text = File.OpenText(file);
        yaml.Load(text);
        foreach (var root in yaml.Documents.Select(document => document.RootNode).OfType<YamlMappingNode>())
        {
            if (
                root["kind"].ToString() == "Function"
                && root["spec"] is YamlMappingNode spec
                && spec["args"] is YamlSequenceNode arguments
            )
            {
                yield return (
                    root["metadata"]["name"].ToString(),
                    [.. arguments.Select(argument => argument.ToString())]
                );
            }
        }
    }

    [GeneratedRegex(
        @"\$\{(?<name>\w+)(:=(?<default>[^}]*))?\}",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant,
        1000
    )]
    private static partial Regex Variable();
}
