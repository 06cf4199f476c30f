using System.Diagnostics;
using Granary.Engine.Checking;
using Granary.Engine.Repositories;
using Granary.Engine.Restoring;
using Granary.Storage;

namespace Granary.Faults.Tests.Storm;

/// <summary>
/// Two processes of our worker and one of restic back up, prune and dump at once on one repository, and at a random
/// moment one of them is killed; again and again. Nobody unlocks after a worker: the next one has to see that a lock's
/// process is dead. A lock of restic does not say where its process id counts, so that whoever kills restic has to
/// unlock.
/// </summary>
/// <param name="place">The repository's.</param>
/// <param name="worker">Ours.</param>
/// <param name="seed">Decides everything but the timing of the machine.</param>
internal sealed class KillStorm(Place place, StormProgram worker, int seed)
{
    private const int Locked = 11;

    private readonly StormProgram[] _programs = [worker, worker, StormProgram.Restic];
    private readonly Random _random = new(seed);
    private readonly List<string> _losses = [];
    private readonly SortedDictionary<string, int> _kills = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Program, StormTask Task), TimeSpan> _usual = [];
    private int _names;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Goes on until so many processes were killed while they ran.</summary>
    /// <param name="kills">How many.</param>
    /// <param name="proveEvery">The repository is proven after every so many rounds.</param>
    /// <param name="ledger">Is told of the kills.</param>
    public async Task RunAsync(int kills, int proveEvery, Ledger ledger)
    {
        Console.WriteLine($"kill storm: seed {seed}");
        await Repository.InitAsync(
            place.Backend,
            new Secret(Sample.Password),
            new InitOptions { Cost = new KeyCost(16, 1, 1) },
            Cancellation
        );
        await MeasureAsync();
        for (var round = 1; _kills.Values.Sum() < kills; round++)
        {
            var saved = await RoundAsync();
            if (round % proveEvery == 0)
            {
                await ProveAsync(saved, round);
                Console.WriteLine(
                    $"kill storm: round {round}, {_kills.Values.Sum()} kills, {_losses.Count} losses so far"
                );
            }
        }

        await ProveAsync([], round: 0);
        ledger.Kills(
            $"kill storm ({string.Join(", ", _kills.Select(each => $"{each.Key} {each.Value}"))})",
            _kills.Values.Sum(),
            _losses.Count
        );
        Assert.True(_losses.Count == 0, $"seed {seed}:\n{string.Join('\n', _losses)}");
    }

    /// <summary>Finds out how long each task takes here and now; kills fall into that time.</summary>
    private async Task MeasureAsync()
    {
        foreach (var program in _programs.Distinct())
        {
            foreach (var task in Enum.GetValues<StormTask>())
            {
                await SucceedsAsync(program, task);
            }
        }
    }

    /// <summary>
    /// Starts three, kills one, waits for the others. Returns the names of backups that said they succeeded.
    /// </summary>
    private async Task<List<string>> RoundAsync()
    {
        var runs = new List<(StormProgram Program, StormTask Task, string Name, RunningProgram Run)>();
        foreach (var program in Shuffled())
        {
            var (task, name) = ((StormTask)_random.Next(3), StormContent.NewName(_random, _names++));
            runs.Add((program, task, name, program.Start(task, place.Location, name)));
            await Task.Delay(Moment(_usual[(StormProgram.Restic.Name, StormTask.Backup)] / 2), Cancellation);
        }

        // The order is random; of the last one it is known for how long it has run.
        var victim = runs[^1];
        await Task.Delay(Moment(_usual[(victim.Program.Name, victim.Task)]), Cancellation);
        await victim.Run.KillAsync();
        if (victim.Run.IsKilled)
        {
            var what = $"{victim.Program.Name} {victim.Task.ToString().ToLowerInvariant()}";
            _kills[what] = _kills.GetValueOrDefault(what) + 1;
        }

        var saved = new List<string>();
        foreach (var (program, task, name, run) in runs)
        {
            using (run)
            {
                var status = await run.EndAsync();
                Judge(program, task, status, run);
                if (task == StormTask.Backup && status == 0)
                {
                    saved.Add(name);
                }
            }
        }

        if (victim.Program == StormProgram.Restic && victim.Run.IsKilled)
        {
            using var unlock = StormProgram.Restic.Unlock(place.Location);
            Assert.True(await unlock.EndAsync() == 0, unlock.Errors);
        }

        return saved;
    }

    private void Lose(string what)
    {
        _losses.Add(what);
        Console.WriteLine($"kill storm: lost: {what}");
    }

    private StormProgram[] Shuffled()
    {
        StormProgram[] programs = [.. _programs];
        _random.Shuffle(programs);
        return programs;
    }

    private TimeSpan Moment(TimeSpan longest) => longest * _random.NextDouble();

    private void Judge(StormProgram program, StormTask task, int status, RunningProgram run)
    {
        var what = $"{program.Name} {task}";
        if (!run.IsKilled && status is not (0 or Locked))
        {
            Lose($"{what}: exit status {status}\n{run.Errors}");
        }

        if (task == StormTask.Dump && !StormContent.IsSound(run.Output, isWhole: status == 0))
        {
            Lose(
                $"{what}: exit status {status}, and the dump's {run.Output.Length} bytes are not what was backed up, "
                    + "nor its beginning"
            );
        }
    }

    /// <summary>
    /// Every listed snapshot restores, restic finds no error, what was saved last is there, and the worker's next runs
    /// succeed.
    /// </summary>
    private async Task ProveAsync(List<string> saved, int round)
    {
        try
        {
            var listed = await EverySnapshotRestoresAsync();
            Assert.Empty(saved.Except(listed));
            await Proof.ResticFindsNoErrorAsync(place, Cancellation);
            var name = await SucceedsAsync(StormTask.Backup);
            await SucceedsAsync(StormTask.Dump);
            await SucceedsAsync(StormTask.Prune);
            await SucceedsAsync(StormProgram.Restic, StormTask.Backup);
            Assert.Contains(name, await EverySnapshotRestoresAsync());
            await EnsureTidyAsync();
        }
        catch (Exception e) when (!Cancellation.IsCancellationRequested)
        {
            Lose($"round {round}: {e}");
        }
    }

    private Task<string> SucceedsAsync(StormTask task) => SucceedsAsync(worker, task);

    private async Task<string> SucceedsAsync(StormProgram program, StormTask task)
    {
        var name = StormContent.NewName(_random, _names++);
        var watch = Stopwatch.StartNew();
        using var run = program.Start(task, place.Location, name);
        var status = await run.EndAsync();
        _usual[(program.Name, task)] = watch.Elapsed;
        Assert.True(status == 0, $"the next {task}: exit status {status}\n{run.Errors}");
        Assert.True(
            task != StormTask.Dump || StormContent.IsSound(run.Output, isWhole: true),
            "the next dump is not what was backed up"
        );
        return name;
    }

    private async Task<List<string>> EverySnapshotRestoresAsync()
    {
        var open = await Sample.OpenAsync(place.Backend);
        var snapshots = await open.SnapshotsAsync(SnapshotFilter.All, Cancellation);
        var indexed = await open.LoadIndexAsync(Cancellation);
        foreach (var snapshot in snapshots)
        {
            using var content = new MemoryStream();
            await indexed.DumpAsync(snapshot, "db.sql", content, new DumpOptions(), null, Cancellation);
            Assert.True(
                StormContent
                    .Of(snapshot.Record.Tags[0])
                    .AsSpan()
                    .SequenceEqual(content.GetBuffer().AsSpan(0, (int)content.Length)),
                $"snapshot {snapshot.Id.Short} is not what was backed up"
            );
        }

        return [.. snapshots.Select(snapshot => snapshot.Record.Tags[0])];
    }

    private async Task EnsureTidyAsync()
    {
        var report = await Sample.CheckAsync(await Sample.OpenAsync(place.Backend), Sample.Living);
        Assert.True(report.IsSound, string.Join("; ", report.Errors));
        Assert.Empty(report.UnreferencedPacks);
    }
}
