using Granary.DevCluster.Machinery;
using Granary.DevCluster.Nodes.Images;
using Granary.DevCluster.Nodes.Launching;
using Granary.DevCluster.Nodes.Logs;
using Granary.DevCluster.Nodes.Status;
using k8s.Models;

namespace Granary.DevCluster.Nodes.Pods;

/// <summary>One container from its first start to its last end.</summary>
internal sealed class ContainerLoop(PodRun run, ContainerRecord record)
{
    private static readonly TimeSpan LongestBackoff = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Recovered = TimeSpan.FromMinutes(10);
    private TimeSpan _backoff = TimeSpan.Zero;

    private V1Pod Pod => run.Pod;

    /// <summary>
    /// Runs and restarts the container as its policy says; returns when it is over for good or
    /// <paramref name="stopping"/>.
    /// </summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            if (record.State.Terminated is not null && !MayRestart())
            {
                record.Done = true;
                return;
            }

            while (!stopping.IsCancellationRequested)
            {
                if (record.State.Terminated is not null || record.LastState is not null)
                {
                    record.RestartCount++;
                }

                var image = await PullAsync(stopping);
                await RunOnceAsync(image, stopping);
                if (stopping.IsCancellationRequested || !MayRestart())
                {
                    break;
                }

                await BackOffAsync(stopping);
            }
        }
        catch (OperationCanceledException) when (!run.Life.IsCancellationRequested && stopping.IsCancellationRequested)
        {
            // Stopped while waiting for something.
        }

        record.Ready = record.Started = false;
        record.Done = record.State.Terminated is not null || record.LastState is not null;
        if (record.State.Waiting is not null && record.LastState is { } last)
        {
            // Ended while backing off: the last end is the end.
            record.State = last;
        }
    }

    private bool MayRestart()
    {
        if (record.IsSidecar)
        {
            return true;
        }

        var failed = record.ExitCode != 0;
        return Pod.Spec.RestartPolicy switch
        {
            "Never" => false,
            "OnFailure" => failed,
            _ => !record.IsInit || failed,
        };
    }

    private async Task<ImageEntry> PullAsync(CancellationToken stopping)
    {
        var delay = TimeSpan.FromMilliseconds(500);
        while (true)
        {
            var image = record.Container.Image;
            if (run.Node.Options.Images.Find(image) is { } entry)
            {
                run.Event("Normal", "Pulled", $"Container image \"{image}\" already present on machine", record);
                return entry;
            }

            var error =
                $"failed to pull and unpack image \"{image}\": not found in the image map of node "
                + $"{run.Node.Options.NodeName}";
            run.Event("Warning", "Failed", $"Failed to pull image \"{image}\": {error}", record);
            run.Event("Warning", "Failed", "Error: ErrImagePull", record);
            record.Wait("ErrImagePull", error);
            await run.PublishAsync();
            await Task.Delay(delay, stopping);
            run.Event("Normal", "BackOff", $"Back-off pulling image \"{image}\"", record);
            record.Wait("ImagePullBackOff", $"Back-off pulling image \"{image}\": ErrImagePull: {error}");
            await run.PublishAsync();
            await Task.Delay(delay, stopping);
            delay = delay < TimeSpan.FromSeconds(10) ? delay * 2 : delay;
        }
    }

    private async Task RunOnceAsync(ImageEntry image, CancellationToken stopping)
    {
        if (await PrepareAsync(image, stopping) is not var (spec, memory))
        {
            return;
        }

        var logPath = run.Sandbox!.LogPath(record.Name, record.RestartCount);
        var started = TimeProvider.System.NowSeconds();
        var id = $"devcluster://{Guid.NewGuid():N}";
        await using var process = ContainerProcess.Start(spec, memory, new LogWriter(logPath));
        try
        {
            if (record.State.Terminated is not null)
            {
                record.LastState = record.State;
            }

            record.ContainerId = id;
            record.Started = record.Container.StartupProbe is null;
            record.Ready = record.Started && record.Container.ReadinessProbe is null;
            record.State = new V1ContainerState { Running = new V1ContainerStateRunning { StartedAt = started } };
            run.Event("Normal", "Created", $"Container created: {record.Name}", record);
            run.Event("Normal", "Started", $"Container started: {record.Name}", record);
            await run.PublishAsync();
            await AttendAsync(process, stopping);
        }
        finally
        {
            process.Kill();
            await process.Exited;
        }

        await RecordEndAsync(await process.Exited, spec, started, id, logPath);
    }

    private async Task<(LaunchSpec Spec, MemoryGroup? Memory)?> PrepareAsync(
        ImageEntry image,
        CancellationToken stopping
    )
    {
        var delay = TimeSpan.FromSeconds(1);
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                return await new ContainerPreparation(run, record).BuildAsync(image, stopping);
            }
            catch (ContainerConfigException e)
            {
                run.Event("Warning", "Failed", $"Error: {e.Message}", record);
                record.Wait("CreateContainerConfigError", e.Message);
            }
            catch (Exception e) when (e is ApiRequestException or HttpRequestException or IOException)
            {
                record.Wait("CreateContainerError", e.Message);
            }

            await run.PublishAsync();
            await Task.Delay(delay, stopping);
            delay = delay < TimeSpan.FromSeconds(8) ? delay * 2 : delay;
        }

        return null;
    }

    // Returns when the container has ended, of itself, for its probes, or because the Pod ends.
    private async Task AttendAsync(ContainerProcess process, CancellationToken stopping)
    {
        using var probing = CancellationTokenSource.CreateLinkedTokenSource(stopping, run.Life);
        var runner = new ProbeRunner(run.PodIp!, record.Container, process);
        var probes = new ContainerProbes(record, runner, run.PublishAsync, (kind, problem) =>
            run.Event("Warning", "Unhealthy", $"{kind} probe failed: {problem}", record)
        );
        if (record.Container.Lifecycle?.PostStart?.Exec is { } postStart)
        {
            await ((Task)runner.RunAsync(postStart.Command, probing.Token)).ConfigureAwait(
                ConfigureAwaitOptions.SuppressThrowing
            );
        }

        var watching = probes.RunAsync(probing.Token);
        await Task.WhenAny(process.Exited, watching);
        await probing.CancelAsync();
        await ((Task)watching).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        run.Life.ThrowIfCancellationRequested();
        if (process.Exited.IsCompleted)
        {
            return;
        }

        if (stopping.IsCancellationRequested)
        {
            run.Event("Normal", "Killing", $"Stopping container {record.Name}", record);
            await EndAsync(process, runner, run.Killing);
        }
        else
        {
            run.Event("Normal", "Killing", await watching, record);
            using var grace = CancellationTokenSource.CreateLinkedTokenSource(run.Killing, run.Life);
            grace.CancelAfter(TimeSpan.FromSeconds(Pod.Spec.TerminationGracePeriodSeconds ?? 30));
            await EndAsync(process, runner, grace.Token);
        }
    }

    private async Task EndAsync(ContainerProcess process, ProbeRunner runner, CancellationToken killing)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(killing, run.Life);
        try
        {
            if (record.Container.Lifecycle?.PreStop is { } preStop)
            {
                await (
                    preStop.Exec is { } exec
                        ? runner.RunAsync(exec.Command, limit.Token)
                        : Task.Delay(TimeSpan.FromSeconds(preStop.Sleep?.Seconds ?? 0), limit.Token)
                );
            }

            await process.TerminateAsync(limit.Token);
            await process.Exited.WaitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            // Out of patience: the caller kills the tree.
        }
    }

    private async Task RecordEndAsync(ContainerExit exit, LaunchSpec spec, DateTime started, string id, string logPath)
    {
        record.Started = record.Ready = false;
        record.State = new V1ContainerState
        {
            Terminated = new V1ContainerStateTerminated
            {
                ExitCode = exit.Code,
                Reason = exit switch
                {
                    { SetupError: not null } => "StartError",
                    { OutOfMemory: true } => "OOMKilled",
                    { Code: 0 } => "Completed",
                    _ => "Error",
                },
                Message = exit.SetupError
                    ?? await ContainerPreparation.TerminationMessageAsync(record.Container, spec, logPath, exit.Code),
                StartedAt = started,
                FinishedAt = exit.FinishedAt.Truncated(),
                ContainerID = id,
            },
        };
        var old = run.Sandbox!.LogPath(record.Name, record.RestartCount - 2);
        File.Delete(old);
        Directory.Delete(spec.Directory, recursive: true);
        if (exit.FinishedAt - started > Recovered)
        {
            _backoff = TimeSpan.Zero;
        }

        if (!MayRestart())
        {
            record.Done = true;
        }

        await run.PublishAsync();
    }

    // The first restart is immediate; after that each waits twice as long as the one before.
    private async Task BackOffAsync(CancellationToken stopping)
    {
        var wait = _backoff;
        _backoff =
            _backoff == TimeSpan.Zero
                ? run.Node.Options.RestartBackoff
                : TimeSpan.FromTicks(Math.Min(_backoff.Ticks * 2, LongestBackoff.Ticks));
        if (wait == TimeSpan.Zero)
        {
            return;
        }

        var pod = $"{Pod.Metadata.Name}_{Pod.Metadata.NamespaceProperty}({Pod.Metadata.Uid})";
        run.Event("Warning", "BackOff", $"Back-off restarting failed container {record.Name} in pod {pod}", record);
        record.Wait(
            "CrashLoopBackOff",
            $"back-off {wait.TotalSeconds:0}s restarting failed container={record.Name} pod={pod}"
        );
        await run.PublishAsync();
        await Task.Delay(wait, stopping);
    }
}
