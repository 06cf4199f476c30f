using System.Globalization;
using Cronos;
using Granary.DevCluster.Machinery;
using k8s;
using k8s.Models;

namespace Granary.DevCluster.Controllers.CronJobs;

/// <summary>Makes a Job for every slot of a CronJob.</summary>
internal sealed class CronJobController : IController
{
    /// <summary>The slot that a Job was made for.</summary>
    public const string SlotAnnotation = "batch.kubernetes.io/cronjob-scheduled-timestamp";

    private readonly ControllerContext _context;
    private readonly WorkQueue<(string Namespace, string Name)> _queue;
    private readonly EventRecorder _events;
    private CancellationToken _stopping;

    public CronJobController(ControllerContext context)
    {
        _context = context;
        _queue = context.Queue("cronjob-controller");
        _events = context.Events("cronjob-controller");
        context.CronJobs.OnChange((old, cron) => _queue.Add((cron ?? old)!.Key()));
        context.Jobs.OnChange(
            (old, job) =>
            {
                if ((job ?? old)!.Controller() is { Kind: "CronJob" } owner)
                {
                    _queue.Add(((job ?? old)!.Metadata.NamespaceProperty, owner.Name));
                }
            }
        );
    }

    public Task RunAsync(CancellationToken ct)
    {
        _stopping = ct;
        return _queue.RunAsync(SyncAsync, 2, ct);
    }

    private async Task SyncAsync((string Namespace, string Name) key, CancellationToken ct)
    {
        if (_context.CronJobs.Find(key.Namespace, key.Name) is not { } stored)
        {
            return;
        }

        var cron = stored.Copy();
        cron.Status ??= new V1CronJobStatus();
        var jobs = _context.Jobs.InNamespace(key.Namespace).Where(job => job.IsControlledBy(cron)).ToList();
        await new CronJobHistory(_context, _events, cron, jobs).SettleAsync(ct);
        try
        {
            if (cron.Metadata.DeletionTimestamp is null)
            {
                await StartDueAsync(cron, jobs, ct);
            }
        }
        finally
        {
            await StoreAsync(stored, cron, ct);
        }
    }

    private async Task StartDueAsync(V1CronJob cron, List<V1Job> jobs, CancellationToken ct)
    {
        if (ScheduleOf(cron) is not { } schedule)
        {
            return;
        }

        var now = _context.Time.GetUtcNow().UtcDateTime;
        var decision = CronDecision.For(cron, schedule, now);
        if (decision.Next is { } next)
        {
            _queue.AddAfter(cron.Key(), next - now + TimeSpan.FromMilliseconds(20), _stopping);
        }

        if (decision.TooMany)
        {
            _events.Record(
                cron,
                ResourceType.CronJobs,
                "Warning",
                "TooManyMissedTimes",
                "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew"
            );
        }

        if (decision.Missed is { } missed)
        {
            _events.Record(
                cron,
                ResourceType.CronJobs,
                "Warning",
                "MissSchedule",
                $"Missed scheduled time to start a job: {missed:R}"
            );
        }

        if (decision.Slot is not { } slot || jobs.Any(job => job.Metadata.Name == NameFor(cron, slot)))
        {
            return;
        }

        if (cron.Spec.ConcurrencyPolicy == "Forbid" && cron.Status.Active is { Count: > 0 })
        {
            _events.Record(
                cron,
                ResourceType.CronJobs,
                "Normal",
                "JobAlreadyActive",
                "Not starting job because prior execution is running and concurrency policy is Forbid"
            );
            return;
        }

        if (cron.Spec.ConcurrencyPolicy == "Replace")
        {
            await ReplaceActiveAsync(cron, jobs, ct);
        }

        await StartAsync(cron, slot, ct);
    }

    private CronSchedule? ScheduleOf(V1CronJob cron)
    {
        try
        {
            return CronSchedule.Parse(cron.Spec.Schedule, cron.Spec.TimeZone);
        }
        catch (TimeZoneNotFoundException)
        {
            _events.Record(
                cron,
                ResourceType.CronJobs,
                "Warning",
                "UnknownTimeZone",
                $"invalid timeZone: \"{cron.Spec.TimeZone}\""
            );
        }
        catch (CronFormatException e)
        {
            _events.Record(
                cron,
                ResourceType.CronJobs,
                "Warning",
                "UnparseableSchedule",
                $"unparseable schedule: \"{cron.Spec.Schedule}\" : {e.Message}"
            );
        }

        return null;
    }

    private async Task ReplaceActiveAsync(V1CronJob cron, List<V1Job> jobs, CancellationToken ct)
    {
        foreach (var active in cron.Status.Active?.ToList() ?? [])
        {
            if (jobs.FirstOrDefault(job => job.Metadata.Uid == active.Uid) is { } job)
            {
                await CronJobHistory.DeleteAsync(_context, _events, cron, job, ct);
            }

            cron.Status.Active!.Remove(active);
        }
    }

    private async Task StartAsync(V1CronJob cron, DateTime slot, CancellationToken ct)
    {
        var template = cron.Spec.JobTemplate.Copy();
        var annotations = new Dictionary<string, string>(
            template.Metadata?.Annotations ?? new Dictionary<string, string>(),
            StringComparer.Ordinal
        )
        {
            [SlotAnnotation] = Rfc3339(slot, cron.Spec.TimeZone),
        };
        var job = new V1Job
        {
            ApiVersion = "batch/v1",
            Kind = "Job",
            Metadata = new V1ObjectMeta
            {
                Name = NameFor(cron, slot),
                NamespaceProperty = cron.Metadata.NamespaceProperty,
                Labels = template.Metadata?.Labels,
                Annotations = annotations,
                CreationTimestamp = slot,
                OwnerReferences = [Ownership.Of(cron, ResourceType.CronJobs)],
            },
            Spec = template.Spec,
        };
        try
        {
            job = await _context.Client.CreateAsync(ResourceType.Jobs, cron.Metadata.NamespaceProperty, job, ct);
        }
        catch (ApiRequestException e) when (e.Reason == "AlreadyExists")
        {
            // Made by an earlier pass whose status write was lost; the informer brings it and the history adopts it.
            cron.Status.LastScheduleTime = slot;
            return;
        }
        catch (ApiRequestException e)
        {
            _events.Record(cron, ResourceType.CronJobs, "Warning", "FailedCreate", $"Error creating job: {e.Message}");
            throw;
        }

        _context.Jobs.Absorb(job);
        _events.Record(cron, ResourceType.CronJobs, "Normal", "SuccessfulCreate", $"Created job {job.Metadata.Name}");
        (cron.Status.Active ??= []).Add(CronJobHistory.ReferenceTo(job));
        cron.Status.LastScheduleTime = slot;
    }

    private async Task StoreAsync(V1CronJob stored, V1CronJob cron, CancellationToken ct)
    {
        if (cron.Status.Active?.Count == 0)
        {
            cron.Status.Active = null;
        }

        if (KubernetesJson.Serialize(cron.Status) != KubernetesJson.Serialize(stored.Status ?? new V1CronJobStatus()))
        {
            _context.CronJobs.Absorb(await _context.Client.ReplaceAsync(ResourceType.CronJobs, cron, "status", ct));
        }
    }

    private static string NameFor(V1CronJob cron, DateTime slot) =>
        $"{cron.Metadata.Name}-{(slot - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMinute}";

    private static string Rfc3339(DateTime slot, string? timeZone)
    {
        if (timeZone is null)
        {
            return slot.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        }

        var local = TimeZoneInfo.ConvertTime(new DateTimeOffset(slot), TimeZoneInfo.FindSystemTimeZoneById(timeZone));
        return local.Offset == TimeSpan.Zero
            ? local.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)
            : local.ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture);
    }
}
