using System.CommandLine;
using BenchmarkDotNet.Running;
using Granary.Benchmarks;

var output = new Option<FileInfo?>("--out") { Description = "Also write the figures as JSON to this file." };
var rounds = new Option<int>("--rounds") { Description = "Rounds of each pair.", DefaultValueFactory = _ => 3 };
var scale = new Option<int>("--scale")
{
    Description = "Size of the database; 120 is a dump of more than 1 GiB.",
    DefaultValueFactory = _ => 120,
};
var stores = new Option<string[]>("--stores")
{
    Description = "local, s3, or both; the ratios are the first one's.",
    AllowMultipleArgumentsPerToken = true,
    DefaultValueFactory = _ => ["local", "s3"],
};
stores.AcceptOnlyFromAmong("local", "s3");
var pipelines = new Command(
    "pipelines",
    "Ours and restic's whole pipelines in alternation, on the same server and store."
)
{
    output,
    rounds,
    scale,
    stores,
};
pipelines.SetAction(
    (parsed, token) =>
        PipelineComparison.RunAsync(
            parsed.GetValue(scale),
            parsed.GetValue(rounds),
            parsed.GetValue(stores)!,
            parsed.GetValue(output)?.FullName,
            token
        )
);
var stages = new Command("stages", "The engine's stages alone, in MB/s of one core.")
{
    TreatUnmatchedTokensAsErrors = false,
};
stages.SetAction(parsed =>
{
    BenchmarkSwitcher.FromAssembly(typeof(PipelineComparison).Assembly).Run([.. parsed.UnmatchedTokens]);
    return 0;
});
return await new RootCommand("Measurements: ratios of ours to restic's, side by side in one run.") { pipelines, stages }
    .Parse(args)
    .InvokeAsync();
