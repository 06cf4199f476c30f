using System.Text;
using Granary.DevCluster.Nodes.Images;
using Granary.DevCluster.Nodes.Launching;
using Granary.DevCluster.Nodes.Logs;
using Granary.DevCluster.Nodes.Status;
using k8s.Models;

namespace Granary.DevCluster.Nodes.Pods;

/// <summary>Puts together what a container is started with.</summary>
internal sealed class ContainerPreparation(PodRun run, ContainerRecord record)
{
    private const string DefaultMessagePath = "/dev/termination-log";

    /// <exception cref="ContainerConfigException">The container refers to something that is not there.</exception>
    public async Task<(LaunchSpec Spec, MemoryGroup? Memory)> BuildAsync(ImageEntry image, CancellationToken ct)
    {
        var container = record.Container;
        var sandbox = run.Sandbox!;
        var user = ContainerUser.For(run.Pod, container, image);
        var environment = await new ContainerEnvironment(
            run.Node.Client,
            run.Pod,
            sandbox.PodIp,
            run.Node.HostIp
        ).BuildAsync(container, image, user, ct);
        var entry = container.Command is { Count: > 0 } own ? own.Select(Expand) : image.Command;
        var command = entry.Concat((container.Args ?? []).Select(Expand)).ToList();
        if (command.Count == 0)
        {
            throw new ContainerConfigException("no command specified");
        }

        var directory = sandbox.RunDirectory(record.Name, record.RestartCount);
        Directory.CreateDirectory(directory);
        var message = Path.Combine(directory, "termination-log");
        await File.WriteAllBytesAsync(message, [], ct);
        Posix.SetMode(message, (UnixFileMode)0x1b6);
        var mounts = sandbox
            .CommonMounts()
            .Append(new BindMount(message, container.TerminationMessagePath ?? DefaultMessagePath, false))
            .Concat(sandbox.Volumes.MountsOf(container, environment))
            .ToList();
        var limit =
            container.Resources?.Limits is { } limits && limits.TryGetValue("memory", out var bytes)
                ? bytes.ToDecimal()
                : 0;
        var memory = limit > 0 ? MemoryGroup.Create($"{run.Pod.Metadata.Uid}-{record.Name}", limit) : null;
        if (memory is not null)
        {
            await File.WriteAllTextAsync(Path.Combine(directory, Leftovers.MemoryGroupNote), memory.Directory, ct);
        }

        var spec = new LaunchSpec(
            directory,
            run.Node.PodsDirectory,
            ContainerEnvironment.HostNameOf(run.Pod),
            container.WorkingDir ?? image.WorkingDir ?? "/",
            user,
            environment,
            command,
            mounts,
            memory?.Directory,
            container.SecurityContext?.ReadOnlyRootFilesystem == true
        );
        return (spec, memory);

        string Expand(string text) => VariableExpansion.Expand(text, environment);
    }

    /// <summary>
    /// What the container left in its termination log, or its last output where the policy falls back to it.
    /// </summary>
    public static async Task<string?> TerminationMessageAsync(
        V1Container container,
        LaunchSpec spec,
        string logPath,
        int exitCode
    )
    {
        const int Longest = 4096;
        var bytes = await File.ReadAllBytesAsync(Path.Combine(spec.Directory, "termination-log"));
        if (bytes.Length > 0)
        {
            return Encoding.UTF8.GetString(bytes.AsSpan(0, Math.Min(bytes.Length, Longest)));
        }

        if (container.TerminationMessagePolicy != "FallbackToLogsOnError" || exitCode == 0)
        {
            return null;
        }

        var tail = await LogReader.TailAsync(logPath, lines: 80, bytes: 2048, CancellationToken.None);
        return tail.Length == 0 ? null : tail;
    }
}
