using Granary.DevCluster.Machinery;
using k8s;
using k8s.Models;

namespace Granary.DevCluster.Controllers.Jobs;

/// <summary>Writes what a pass over a Job found: counts in their three stored steps, then the conditions.</summary>
internal sealed class JobAccount(
    ControllerContext context,
    EventRecorder events,
    V1Job job,
    V1JobStatus? stored,
    JobTally tally,
    JobVerdict? verdict,
    Func<V1Pod, CancellationToken, Task<V1Pod>> release
)
{
    private readonly V1JobStatus _status = tally.Status;
    private string _stored = KubernetesJson.Serialize(stored ?? new V1JobStatus());
    private V1Job _job = job;

    public async Task SettleAsync(CancellationToken ct)
    {
        _status.Active = tally.Active.Count == 0 ? null : tally.Active.Count;
        _status.Ready = tally.Ready;
        _status.Terminating = tally.Terminating.Count;
        var suspendEvent = Suspension();
        if (verdict is not null)
        {
            AddCondition(verdict.Interim);
        }

        var pods = _status.UncountedTerminatedPods ??= new V1UncountedTerminatedPods();
        foreach (var pod in tally.NewlySucceeded)
        {
            (pods.Succeeded ??= []).Add(pod.Metadata.Uid);
        }

        foreach (var pod in tally.NewlyFailed)
        {
            (pods.Failed ??= []).Add(pod.Metadata.Uid);
        }

        if ((pods.Succeeded?.Count ?? 0) + (pods.Failed?.Count ?? 0) > 0)
        {
            await StoreAsync(ct);
        }

        foreach (var pod in tally.NewlySucceeded.Concat(tally.NewlyFailed).Concat(tally.Noted).Concat(tally.Ignored))
        {
            await release(pod, ct);
        }

        Count();
        var finished = verdict is not null && tally.Active.Count == 0 && StillTerminating() == 0;
        if (finished)
        {
            AddCondition(verdict!.Final);
            _status.CompletionTime = verdict.Succeeds ? context.Time.NowSeconds() : null;
        }

        await StoreAsync(ct);
        Announce(finished, suspendEvent);
    }

    private void Announce(bool finished, string? suspendEvent)
    {
        if (suspendEvent is not null)
        {
            events.Record(_job, ResourceType.Jobs, "Normal", suspendEvent, $"Job {suspendEvent.ToLowerInvariant()}");
        }

        if (finished)
        {
            events.Record(
                _job,
                ResourceType.Jobs,
                verdict!.Succeeds ? "Normal" : "Warning",
                verdict.Succeeds ? "Completed" : verdict.Reason,
                verdict.Succeeds ? "Job completed" : verdict.Message
            );
        }
    }

    // Every uid in the list belongs to a Pod that has been released by now: either just above or before this pass.
    private void Count()
    {
        var pods = _status.UncountedTerminatedPods!;
        _status.Succeeded = Sum(_status.Succeeded, pods.Succeeded?.Count);
        _status.Failed = Sum(_status.Failed, pods.Failed?.Count);
        _status.UncountedTerminatedPods = new V1UncountedTerminatedPods();
        _status.Terminating = StillTerminating();
    }

    private int StillTerminating() =>
        tally.Terminating.Count(pod =>
            context.Pods.Find(pod.Metadata.NamespaceProperty, pod.Metadata.Name)?.Metadata.Uid == pod.Metadata.Uid
        );

    private static int? Sum(int? a, int? b) => (a ?? 0) + (b ?? 0) is var sum and > 0 ? sum : null;

    private string? Suspension()
    {
        var current = _status.Conditions?.FirstOrDefault(c => c.Type == "Suspended");
        if (verdict is not null)
        {
            return null;
        }

        if (_job.Spec.Suspend == true)
        {
            _status.StartTime = null;
            if (current?.Status == "True")
            {
                return null;
            }

            SetCondition("Suspended", "True", "JobSuspended", "Job suspended");
            return "Suspended";
        }

        if (current?.Status != "True")
        {
            return null;
        }

        SetCondition("Suspended", "False", "JobResumed", "Job resumed");
        _status.StartTime = context.Time.NowSeconds();
        return "Resumed";
    }

    private void AddCondition(string type)
    {
        if (_status.Conditions?.Any(c => c.Type == type && c.Status == "True") != true)
        {
            SetCondition(type, "True", verdict!.Reason, verdict.Message);
        }
    }

    private void SetCondition(string type, string status, string reason, string message)
    {
        var now = context.Time.NowSeconds();
        var conditions = (_status.Conditions ?? []).Where(c => c.Type != type).ToList();
        conditions.Add(
            new V1JobCondition
            {
                Type = type,
                Status = status,
                Reason = reason,
                Message = message,
                LastProbeTime = now,
                LastTransitionTime = now,
            }
        );
        _status.Conditions = conditions;
    }

    private async Task StoreAsync(CancellationToken ct)
    {
        var text = KubernetesJson.Serialize(_status);
        if (text == _stored)
        {
            return;
        }

        _job = _job.Copy();
        _job.Status = _status.Copy();
        _job = await context.Client.ReplaceAsync(ResourceType.Jobs, _job, "status", ct);
        context.Jobs.Absorb(_job);
        _stored = text;
    }
}
