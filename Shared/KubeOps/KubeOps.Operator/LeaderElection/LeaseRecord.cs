using k8s;
using k8s.Models;
using KubeOps.KubernetesClient;

namespace KubeOps.Operator.LeaderElection;

/// <summary>Reads and writes one Lease on behalf of one contender.</summary>
/// <remarks>
/// Clocks of different machines are never compared: a Lease counts as expired when this process has watched it
/// unchanged for its whole duration, by its own monotonic clock.
/// </remarks>
internal sealed class LeaseRecord(
    IKubernetesClient client,
    string @namespace,
    string name,
    string identity,
    TimeSpan duration,
    TimeProvider time
)
{
    private (string? Version, long Since) _observed;

    /// <summary>Who held the Lease when it was last read; null when nobody did.</summary>
    public string? Holder { get; private set; }

    /// <summary>Takes or renews the Lease if that is allowed.</summary>
    /// <returns>Whether it is held now. False is an answer; a request that failed throws.</returns>
    public async Task<bool> TryHoldAsync(CancellationToken cancellationToken)
    {
        var lease = await client.GetAsync<V1Lease>(name, @namespace, cancellationToken);
        if (lease is null)
        {
            return await WriteAsync(ct => client.CreateAsync(Fresh(), ct), cancellationToken);
        }

        Observe(lease);
        var isOwn = Holder == identity;
        if (!isOwn && Holder is not null && time.GetElapsedTime(_observed.Since) < duration)
        {
            return false;
        }

        var now = time.GetUtcNow().UtcDateTime;
        lease.Spec ??= new V1LeaseSpec();
        if (!isOwn)
        {
            lease.Spec.AcquireTime = now;
            lease.Spec.LeaseTransitions = (lease.Spec.LeaseTransitions ?? 0) + 1;
        }

        lease.Spec.HolderIdentity = identity;
        lease.Spec.RenewTime = now;
        lease.Spec.LeaseDurationSeconds = WholeSeconds(duration);
        return await WriteAsync(ct => client.UpdateAsync(lease, ct), cancellationToken);
    }

    /// <summary>Gives the Lease up, so that others need not wait for it to expire.</summary>
    public async Task ReleaseAsync(CancellationToken cancellationToken)
    {
        var lease = await client.GetAsync<V1Lease>(name, @namespace, cancellationToken);
        if (lease?.Spec?.HolderIdentity != identity)
        {
            return;
        }

        lease.Spec.HolderIdentity = string.Empty;
        lease.Spec.LeaseDurationSeconds = 1;
        lease.Spec.RenewTime = time.GetUtcNow().UtcDateTime;
        await client.UpdateAsync(lease, cancellationToken);
    }

    private static int WholeSeconds(TimeSpan span) => Math.Max(1, (int)Math.Ceiling(span.TotalSeconds));

    private void Observe(V1Lease lease)
    {
        Holder = string.IsNullOrEmpty(lease.Spec?.HolderIdentity) ? null : lease.Spec.HolderIdentity;
        var version = lease.ResourceVersion();
        if (_observed.Version is null || version != _observed.Version)
        {
            _observed = (version, time.GetTimestamp());
        }
    }

    private async Task<bool> WriteAsync(
        Func<CancellationToken, Task<V1Lease>> write,
        CancellationToken cancellationToken
    )
    {
        try
        {
            Observe(await write(cancellationToken));
            return true;
        }
        catch (k8s.Autorest.HttpOperationException e)
            when (e.Response?.StatusCode == System.Net.HttpStatusCode.Conflict)
        {
            // Somebody else was quicker.
            return false;
        }
    }

    private V1Lease Fresh()
    {
        var now = time.GetUtcNow().UtcDateTime;
        return new V1Lease
        {
            ApiVersion = "coordination.k8s.io/v1",
            Kind = "Lease",
            Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = @namespace },
            Spec = new V1LeaseSpec
            {
                HolderIdentity = identity,
                AcquireTime = now,
                RenewTime = now,
                LeaseDurationSeconds = WholeSeconds(duration),
                LeaseTransitions = 0,
            },
        };
    }
}
