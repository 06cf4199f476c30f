using k8s.Models;

namespace Granary.DevCluster.Nodes.Status;

/// <summary>What the node knows of one container of a Pod; changed by its own loop, read by the status.</summary>
internal sealed class ContainerRecord
{
    public ContainerRecord(V1Container container, bool isInit, V1ContainerStatus? stored)
    {
        Container = container;
        IsInit = isInit;
        if (stored is null)
        {
            return;
        }

        RestartCount = stored.RestartCount;
        State = stored.State ?? new V1ContainerState();
        LastState = stored.LastState;
        ContainerId = stored.ContainerID;
        if (State.Running is { } running)
        {
            // It ran under an agent that is gone, and went with it.
            State = new V1ContainerState
            {
                Terminated = new V1ContainerStateTerminated
                {
                    ExitCode = 137,
                    Reason = "ContainerStatusUnknown",
                    Message = "The container could not be located when the pod was looked at",
                    StartedAt = running.StartedAt,
                    FinishedAt = DateTime.UtcNow,
                    ContainerID = stored.ContainerID,
                },
            };
        }
    }

    public V1Container Container { get; }

    public string Name => Container.Name;

    public bool IsInit { get; }

    /// <summary>An init container that goes on running beside the main ones.</summary>
    public bool IsSidecar => IsInit && Container.RestartPolicy == "Always";

    public V1ContainerState State { get; set; } = new();

    public V1ContainerState? LastState { get; set; }

    public int RestartCount { get; set; }

    public string? ContainerId { get; set; }

    /// <summary>Passed its startup probe, or has none and runs.</summary>
    public bool Started { get; set; }

    public bool Ready { get; set; }

    /// <summary>Ended and will not be started again.</summary>
    public bool Done { get; set; }

    public bool IsRunning => State.Running is not null;

    public int? ExitCode => State.Terminated?.ExitCode;

    public void Wait(string reason, string? message = null)
    {
        if (State.Terminated is not null)
        {
            LastState = State;
        }

        State = new V1ContainerState
        {
            Waiting = new V1ContainerStateWaiting { Reason = reason, Message = message },
        };
        Started = Ready = false;
    }

    public V1ContainerStatus ToStatus() =>
        new()
        {
            Name = Name,
            Image = Container.Image,
            ImageID =
                State.Waiting?.Reason is "ErrImagePull" or "ImagePullBackOff" || ContainerId is null
                    ? ""
                    : $"devcluster://{Container.Image}",
            ContainerID = ContainerId,
            State = State,
            LastState = LastState ?? new V1ContainerState(),
            Ready = IsInit && !IsSidecar ? State.Terminated?.ExitCode == 0 : Ready,
            Started = IsInit && !IsSidecar ? IsRunning : Started,
            RestartCount = RestartCount,
        };
}
