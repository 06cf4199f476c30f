using System.Text.Json;
using Granary.TestSupport;
using Granary.TestSupport.Servers;

namespace Granary.Benchmarks;

/// <summary>Runs both programs in alternation through the life of a repository and prints medians and ratios.</summary>
internal sealed class PipelineComparison
{
    private const string Bucket = "granary-bench";
    private const string FirstOfRecording = "first backup of a recorded dump";
    private const string UnchangedOfRecording = "unchanged backup of a recorded dump";
    private readonly Dictionary<(string Store, string Operation, string Tool), List<MeasuredRun>> _runs = [];
    private readonly Dictionary<(string Store, string Tool), List<double>> _sizes = [];
    private readonly List<double> _producer = [];

    /// <summary>Prepares the servers, measures, prints the table, writes the JSON; answers the exit status.</summary>
    public static async Task<int> RunAsync(
        int scale,
        int rounds,
        IReadOnlyList<string> stores,
        string? output,
        CancellationToken cancellationToken
    )
    {
        await using PostgresServer source = await PostgresServer.StartAsync(cancellationToken: cancellationToken);
        await Console.Error.WriteLineAsync("bench: filling the database");
        await BenchDatabase.FillAsync(source, scale, cancellationToken);
        using var recordings = new TempDirectory();
        string recording = recordings["dump.sql"];
        await MeasuredRun.OfAsync(Tool.Record, Environment("", recordings, null, source, recording), cancellationToken);
        double dumped = new FileInfo(recording).Length;
        var comparison = new PipelineComparison();
        foreach (string store in stores)
        {
            for (int round = 1; round <= rounds; round++)
            {
                await Console.Error.WriteLineAsync($"bench: {store}, round {round} of {rounds}");
                await comparison.RoundAsync(store, round, source, recording, cancellationToken);
            }
        }

        comparison.Print(rounds, dumped);
        if (output is not null)
        {
            await File.WriteAllTextAsync(output, comparison.Json(), cancellationToken);
        }

        return 0;
    }

    private async Task RoundAsync(
        string store,
        int round,
        PostgresServer source,
        string recording,
        CancellationToken cancellationToken
    )
    {
        using var folder = new TempDirectory();
        await using MotoServer? s3 =
            store == "s3" ? await MotoServer.StartAsync(cancellationToken: cancellationToken) : null;
        if (s3 is not null)
        {
            await s3.CreateBucketAsync(Bucket, cancellationToken);
        }

        Tool[] Tools(string suffix)
        {
            Tool ours = Tool.Ours(Environment("granary" + suffix, folder, s3, source, recording));
            Tool theirs = Tool.Restic(Environment("restic" + suffix, folder, s3, source, recording));
            return round % 2 == 0 ? [theirs, ours] : [ours, theirs];
        }

        Tool[] tools = Tools("");
        // What no backup can be faster than.
        _producer.Add((await MeasuredRun.OfAsync(Tool.DumpProgramAlone, tools[0].Environment, cancellationToken)).Wall);
        await EachAsync(store, "init", tools, tool => tool.Init, cancellationToken);
        await EachAsync(store, "first backup", tools, tool => tool.Backup, cancellationToken);
        foreach (Tool tool in tools)
        {
            Sizes(store, tool).Add(await SizeAsync(folder, s3, tool.Name, cancellationToken));
        }

        await EachAsync(store, "unchanged backup", tools, tool => tool.Backup, cancellationToken);
        await BenchDatabase.ChangeOnePercentAsync(source, round, cancellationToken);
        await EachAsync(store, "backup after 1 %", tools, tool => tool.Backup, cancellationToken);
        await EachAsync(store, "dump", tools, tool => tool.DumpToNothing, cancellationToken);
        foreach (Tool tool in tools)
        {
            await RestoreAsync(store, tool, cancellationToken);
        }

        await EachAsync(store, "forget and prune", tools, tool => tool.Prune, cancellationToken);
        tools = Tools("-recorded");
        foreach (Tool tool in tools)
        {
            await MeasuredRun.OfAsync(tool.Init, tool.Environment, cancellationToken);
        }

        await EachAsync(store, FirstOfRecording, tools, tool => tool.BackupOfRecording, cancellationToken);
        await EachAsync(store, UnchangedOfRecording, tools, tool => tool.BackupOfRecording, cancellationToken);
    }

    private async Task RestoreAsync(string store, Tool tool, CancellationToken cancellationToken)
    {
        await using PostgresServer target = await PostgresServer.StartAsync(cancellationToken: cancellationToken);
        var environment = new Dictionary<string, string>(tool.Environment)
        {
            ["TARGET_HOST"] = target.Address,
            ["TARGET_PORT"] = $"{target.Port}",
            ["TARGET_CA"] = target.Certificates.CaFile,
        };
        Record(store, "restore", tool, await MeasuredRun.OfAsync(tool.Restore, environment, cancellationToken));
    }

    private async Task EachAsync(
        string store,
        string operation,
        Tool[] tools,
        Func<Tool, string> pipeline,
        CancellationToken cancellationToken
    )
    {
        foreach (Tool tool in tools)
        {
            Record(
                store,
                operation,
                tool,
                await MeasuredRun.OfAsync(pipeline(tool), tool.Environment, cancellationToken)
            );
        }
    }

    private void Record(string store, string operation, Tool tool, MeasuredRun run)
    {
        if (!_runs.TryGetValue((store, operation, tool.Name), out List<MeasuredRun>? runs))
        {
            _runs[(store, operation, tool.Name)] = runs = [];
        }

        runs.Add(run);
    }

    private List<double> Sizes(string store, Tool tool)
    {
        if (!_sizes.TryGetValue((store, tool.Name), out List<double>? sizes))
        {
            _sizes[(store, tool.Name)] = sizes = [];
        }

        return sizes;
    }

    private static Dictionary<string, string> Environment(
        string name,
        TempDirectory folder,
        MotoServer? s3,
        PostgresServer source,
        string recording
    ) =>
        new(source.ClientEnvironment())
        {
            ["PATH"] = $"{source.BinaryFolder}:{System.Environment.GetEnvironmentVariable("PATH")}",
            ["RESTIC_REPOSITORY"] = s3 is null ? folder[name] : $"s3:{s3.Url}/{Bucket}/{name}",
            ["RESTIC_PASSWORD"] = "bench",
            ["RECORDED"] = recording,
            ["AWS_ACCESS_KEY_ID"] = s3?.AccessKey ?? "",
            ["AWS_SECRET_ACCESS_KEY"] = s3?.SecretKey ?? "",
            ["AWS_DEFAULT_REGION"] = "us-east-1",
            ["RESTIC_PROGRESS_FPS"] = "0.01",
            ["HOME"] = folder.Path,
            ["DOTNET_NOLOGO"] = "1",
        };

    private static async Task<double> SizeAsync(
        TempDirectory folder,
        MotoServer? s3,
        string name,
        CancellationToken cancellationToken
    )
    {
        if (s3 is null)
        {
            return Directory
                .EnumerateFiles(folder[name], "*", SearchOption.AllDirectories)
                .Sum(file => new FileInfo(file).Length);
        }

        using Amazon.S3.AmazonS3Client client = s3.CreateClient();
        double sum = 0;
        await foreach (
            Amazon.S3.Model.S3Object entry in client
                .Paginators.ListObjectsV2(
                    new Amazon.S3.Model.ListObjectsV2Request { BucketName = Bucket, Prefix = $"{name}/" }
                )
                .S3Objects.WithCancellation(cancellationToken)
        )
        {
            sum += entry.Size ?? 0;
        }

        return sum;
    }

    private double Median(string store, string operation, string tool, Func<MeasuredRun, double> figure) =>
        Median(_runs[(store, operation, tool)].Select(figure));

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length % 2 == 1
            ? sorted[sorted.Length / 2]
            : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
    }

    private void Print(int rounds, double dumped)
    {
        Console.WriteLine(
            $"Medians of {rounds} rounds, granary / restic = ratio. {System.Environment.ProcessorCount} cores, a "
                + $"dump of {dumped / (1 << 20):0} MiB."
        );
        Console.WriteLine();
        Console.WriteLine("| store | operation | wall s | client CPU s | peak memory MiB |");
        Console.WriteLine("| --- | --- | --- | --- | --- |");
        foreach ((string store, string operation) in _runs.Keys.Select(key => (key.Store, key.Operation)).Distinct())
        {
            string Pair(Func<MeasuredRun, double> figure, double unit) =>
                $"{Median(store, operation, "granary", figure) / unit:0.00} / "
                + $"{Median(store, operation, "restic", figure) / unit:0.00} = "
                + $"{Ratio(store, operation, figure):0.00}";
            Console.WriteLine(
                $"| {store} | {operation} | {Pair(run => run.Wall, 1)} | {Pair(run => run.Cpu, 1)} | "
                    + $"{Pair(run => run.Memory, 1 << 20)} |"
            );
        }

        Console.WriteLine($"| | the dump program alone, to /dev/null | {Median(_producer):0.00} | | |");
        foreach (string store in _sizes.Keys.Select(key => key.Store).Distinct())
        {
            double ours = Median(_sizes[(store, "granary")]),
                theirs = Median(_sizes[(store, "restic")]);
            Console.WriteLine(
                $"| {store} | repository size | {ours / (1 << 20):0.0} MiB / {theirs / (1 << 20):0.0} MiB = "
                    + $"{ours / theirs:0.000} | | |"
            );
        }
    }

    private double Ratio(string store, string operation, Func<MeasuredRun, double> figure) =>
        Median(store, operation, "granary", figure) / Median(store, operation, "restic", figure);

    private string Json()
    {
        string store = _sizes.Keys.Select(key => key.Store).First();
        string[] operations = ["first backup", "unchanged backup", "backup after 1 %", "dump"];
        var ratios = new Dictionary<string, double>
        {
            ["first_backup_wall"] = Ratio(store, "first backup", run => run.Wall),
            ["first_backup_cpu"] = Ratio(store, "first backup", run => run.Cpu),
            ["unchanged_backup_wall"] = Ratio(store, "unchanged backup", run => run.Wall),
            ["dump_wall"] = Ratio(store, "dump", run => run.Wall),
            ["restore_wall"] = Ratio(store, "restore", run => run.Wall),
            ["peak_memory"] = operations.Max(operation => Ratio(store, operation, run => run.Memory)),
            ["repository_size"] = Median(_sizes[(store, "granary")]) / Median(_sizes[(store, "restic")]),
        };
        var recorded = new Dictionary<string, double>
        {
            ["first_backup_wall"] = Ratio(store, FirstOfRecording, run => run.Wall),
            ["first_backup_cpu"] = Ratio(store, FirstOfRecording, run => run.Cpu),
            ["unchanged_backup_wall"] = Ratio(store, UnchangedOfRecording, run => run.Wall),
        };
        var s3 = _runs
            .Keys.Where(key => key.Store == "s3")
            .Select(key => key.Operation)
            .Distinct()
            .ToDictionary(operation => operation, operation => Ratio("s3", operation, run => run.Wall));
        return JsonSerializer.Serialize(
            new
            {
                ratios,
                ratios_of_a_recorded_dump = recorded,
                dump_program_alone_wall = Median(_producer),
                s3_wall = s3,
                runs = _runs.Select(entry => new
                {
                    entry.Key.Store,
                    entry.Key.Operation,
                    entry.Key.Tool,
                    entry.Value,
                }),
            }
        );
    }
}
