using System.Text.Json.Nodes;
using Granary.DevCluster.Machinery;
using k8s.Models;

namespace Granary.DevCluster.Controllers.Jobs;

/// <summary>Makes Pods for Jobs, counts how they end, and says so in the Job's status.</summary>
internal sealed class JobController : IController
{
    private readonly ControllerContext _context;
    private readonly WorkQueue<(string Namespace, string Name)> _queue;
    private readonly WorkQueue<(string Namespace, string Name)> _orphans;
    private readonly EventRecorder _events;
    private readonly JobRefusals _refusals = new();
    private CancellationToken _stopping;

    public JobController(ControllerContext context)
    {
        _context = context;
        _queue = context.Queue("job-controller");
        _orphans = context.Queue("job-orphan-pods");
        _events = context.Events("job-controller");
        context.Jobs.OnChange(OnJob);
        context.Pods.OnChange(OnPod);
    }

    public Task RunAsync(CancellationToken ct)
    {
        _stopping = ct;
        return Task.WhenAll(_queue.RunAsync(SyncAsync, 4, ct), _orphans.RunAsync(ReleaseOrphanAsync, 1, ct));
    }

    private void OnJob(V1Job? old, V1Job? job)
    {
        _queue.Add((job ?? old)!.Key());
        if (job is null)
        {
            _refusals.Forget(old!.Metadata.Uid);
            foreach (
                var pod in _context
                    .Pods.InNamespace(old!.Metadata.NamespaceProperty)
                    .Where(pod => pod.IsControlledBy(old))
            )
            {
                _orphans.Add(pod.Key());
            }
        }
    }

    private void OnPod(V1Pod? old, V1Pod? pod)
    {
        var any = (pod ?? old)!;
        if (any.Controller() is { Kind: "Job" } owner)
        {
            _queue.Add((any.Metadata.NamespaceProperty, owner.Name));
        }

        if (pod is not null && JobTally.IsTracked(pod))
        {
            _orphans.Add(pod.Key());
        }
    }

    // A Pod whose Job is gone or lets it go (orphan deletion) must not wait for a count that nobody will make.
    private async Task ReleaseOrphanAsync((string Namespace, string Name) key, CancellationToken ct)
    {
        if (_context.Pods.Find(key.Namespace, key.Name) is not { } pod || !JobTally.IsTracked(pod))
        {
            return;
        }

        var owner = pod.Controller();
        if (owner is { Kind: "Job" })
        {
            var known = _context.Jobs.Find(key.Namespace, owner.Name)
                ?? await _context.Client.FindAsync<V1Job>(ResourceType.Jobs, key.Namespace, owner.Name, ct);
            if (known?.Metadata.Uid == owner.Uid)
            {
                return;
            }
        }

        await ReleaseAsync(pod, ct);
    }

    private async Task SyncAsync((string Namespace, string Name) key, CancellationToken ct)
    {
        if (
            _context.Jobs.Find(key.Namespace, key.Name) is not { } job
            || (job.Spec.ManagedBy is { } by && by != "kubernetes.io/job-controller")
        )
        {
            return;
        }

        var pods = _context.Pods.InNamespace(key.Namespace).Where(pod => pod.IsControlledBy(job)).ToList();
        if (Ended(job) is { } end)
        {
            await AfterEndAsync(job, end, pods, ct);
            return;
        }

        var now = _context.Time.GetUtcNow().UtcDateTime;
        var wasFailing = job.Status?.Conditions?.Any(c => c is { Type: "FailureTarget", Status: "True" }) == true;
        var stored = job.Status;
        job = job.Copy();
        job.Status ??= new V1JobStatus();
        var tally = JobTally.Of(job, pods, wasFailing);
        if (job.Status.StartTime is null && job.Spec.Suspend != true)
        {
            tally.Status.StartTime = job.Status.StartTime = now.Truncated();
        }

        var verdict = JobVerdict.For(job, tally, now);
        if (verdict is not null)
        {
            foreach (var pod in tally.Active.ToList())
            {
                await DeletePodAsync(job, tally, pod, release: false, ct);
            }

            // What the verdict deleted just now counts as failed in this very pass.
            tally = JobTally.Of(job, Reread(job), failing: !verdict.Succeeds);
            tally.Status.StartTime ??= job.Status.StartTime;
        }
        else if (job.Metadata.DeletionTimestamp is null)
        {
            await ManageAsync(job, tally, pods, now, ct);
        }

        await new JobAccount(_context, _events, job, stored, tally, verdict, ReleaseAsync).SettleAsync(ct);
        if (verdict is null && JobVerdict.Deadline(job) is { } deadline && deadline > now)
        {
            _queue.AddAfter(key, deadline - now, _stopping);
        }
    }

    private List<V1Pod> Reread(V1Job job) =>
        _context.Pods.InNamespace(job.Metadata.NamespaceProperty).Where(pod => pod.IsControlledBy(job)).ToList();

    private async Task ManageAsync(V1Job job, JobTally tally, List<V1Pod> pods, DateTime now, CancellationToken ct)
    {
        if (job.Spec.Suspend == true)
        {
            foreach (var pod in tally.Active.ToList())
            {
                await DeletePodAsync(job, tally, pod, release: true, ct);
            }

            tally.Active.Clear();
            return;
        }

        var parallelism = job.Spec.Parallelism ?? 1;
        var wanted =
            job.Spec.Completions is { } completions ? Math.Min(parallelism, completions - tally.Succeeded)
            : tally.Succeeded > 0 ? Math.Min(tally.Active.Count, parallelism)
            : parallelism;
        foreach (var pod in tally.Active.Skip(Math.Max(wanted, 0)).ToList())
        {
            await DeletePodAsync(job, tally, pod, release: true, ct);
            tally.Active.Remove(pod);
        }

        var blocked = job.Spec.PodReplacementPolicy == "Failed" ? tally.Terminating.Count : 0;
        var missing = wanted - tally.Active.Count - blocked;
        if (missing <= 0)
        {
            return;
        }

        var wait = JobBackoff.Remaining(pods, tally.Failed, _context.Options, now);
        if (wait > TimeSpan.Zero)
        {
            _queue.AddAfter(job.Key(), wait, _stopping);
            return;
        }

        for (; missing > 0; missing--)
        {
            if (await CreatePodAsync(job, ct) is not { } created)
            {
                // The status says what holds so far, and the next try comes later.
                _queue.AddAfter(job.Key(), _refusals.Next(job.Metadata.Uid), _stopping);
                return;
            }

            tally.Active.Add(created);
        }

        _refusals.Forget(job.Metadata.Uid);
    }

    /// <returns>Null when the API server refused the Pod, which an Event then says.</returns>
    private async Task<V1Pod?> CreatePodAsync(V1Job job, CancellationToken ct)
    {
        var template = job.Spec.Template.Copy();
        var pod = new V1Pod
        {
            ApiVersion = "v1",
            Kind = "Pod",
            Metadata = new V1ObjectMeta
            {
                GenerateName = $"{job.Metadata.Name}-",
                NamespaceProperty = job.Metadata.NamespaceProperty,
                Labels = template.Metadata?.Labels,
                Annotations = template.Metadata?.Annotations,
                Finalizers = [JobTally.Finalizer, .. template.Metadata?.Finalizers ?? []],
                OwnerReferences = [Ownership.Of(job, ResourceType.Jobs)],
            },
            Spec = template.Spec,
        };
        try
        {
            var created = await _context.Client.CreateAsync(ResourceType.Pods, job.Metadata.NamespaceProperty, pod, ct);
            _context.Pods.Absorb(created);
            _events.Record(
                job,
                ResourceType.Jobs,
                "Normal",
                "SuccessfulCreate",
                $"Created pod: {created.Metadata.Name}"
            );
            return created;
        }
        catch (ApiRequestException e)
        {
            _events.Record(job, ResourceType.Jobs, "Warning", "FailedCreate", $"Error creating: {e.Message}");
            return null;
        }
    }

    private async Task DeletePodAsync(V1Job job, JobTally tally, V1Pod pod, bool release, CancellationToken ct)
    {
        if (release)
        {
            pod = await ReleaseAsync(pod, ct);
        }

        await _context.Client.DeleteAsync(
            ResourceType.Pods.Path(pod.Metadata.NamespaceProperty, pod.Metadata.Name),
            pod.Metadata.Uid,
            null,
            ct
        );
        if (
            await _context.Client.FindAsync<V1Pod>(
                ResourceType.Pods,
                pod.Metadata.NamespaceProperty,
                pod.Metadata.Name,
                ct
            )
                is { } left
            && left.Metadata.Uid == pod.Metadata.Uid
        )
        {
            _context.Pods.Absorb(left);
            if (release)
            {
                tally.Terminating.Add(left);
            }
        }
        else
        {
            _context.Pods.Forget(pod);
        }

        _events.Record(job, ResourceType.Jobs, "Normal", "SuccessfulDelete", $"Deleted pod: {pod.Metadata.Name}");
    }

    private async Task<V1Pod> ReleaseAsync(V1Pod pod, CancellationToken ct)
    {
        var rest = (pod.Metadata.Finalizers ?? [])
            .Where(name => name != JobTally.Finalizer)
            .Select(name => (JsonNode?)name)
            .ToArray();
        var patch = new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["uid"] = pod.Metadata.Uid,
                ["finalizers"] = rest.Length == 0 ? null : new JsonArray(rest),
            },
        };
        try
        {
            var json = await _context.Client.MergePatchAsync(
                ResourceType.Pods.Path(pod.Metadata.NamespaceProperty, pod.Metadata.Name),
                patch,
                ct
            );
            var left = k8s.KubernetesJson.Deserialize<V1Pod>(json);
            _context.Pods.Absorb(left);
            return left;
        }
        catch (ApiRequestException e) when (e.IsNotFound || e.IsConflict)
        {
            _context.Pods.Forget(pod);
            return pod;
        }
    }

    private async Task AfterEndAsync(V1Job job, V1JobCondition end, List<V1Pod> pods, CancellationToken ct)
    {
        foreach (var pod in pods.Where(pod => JobTally.IsTracked(pod) && !pod.IsActive()))
        {
            await ReleaseAsync(pod, ct);
        }

        if (job.Spec.TtlSecondsAfterFinished is not { } ttl || job.Metadata.DeletionTimestamp is not null)
        {
            return;
        }

        var left =
            (end.LastTransitionTime ?? DateTime.UnixEpoch).AddSeconds(ttl) - _context.Time.GetUtcNow().UtcDateTime;
        if (left > TimeSpan.Zero)
        {
            _queue.AddAfter(job.Key(), left, _stopping);
            return;
        }

        await _context.Client.DeleteAsync(
            ResourceType.Jobs.Path(job.Metadata.NamespaceProperty, job.Metadata.Name),
            job.Metadata.Uid,
            "Foreground",
            ct
        );
    }

    private static V1JobCondition? Ended(V1Job job) =>
        job.Status?.Conditions?.FirstOrDefault(c => c is { Type: "Complete" or "Failed", Status: "True" });
}
