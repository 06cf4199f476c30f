using KubeOps.Operator.Queue;
using KubeOps.Tests.Cluster;

namespace KubeOps.Tests.Queue;

/// <summary>Looks at a queue without taking anything from it.</summary>
internal static class QueueInspection
{
    public static TimeSpan UntilNext(this TimedEntityQueue<Widget> queue)
    {
        queue.TryTake(static _ => new Admission(AdmissionDecision.Full), out _, out var untilNext);
        return untilNext;
    }
}
