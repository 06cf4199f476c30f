namespace KubeOps.Tests.Cluster;

/// <summary>
/// A network that can be cut: requests then hang until they are cancelled, as they do without a route.
/// </summary>
public sealed class NetworkSwitch : DelegatingHandler
{
    private volatile bool _isCut;
    private int _held;

    /// <summary>How many requests have been caught by the cut.</summary>
    public int Held => Volatile.Read(ref _held);

    public void Cut() => _isCut = true;

    public void Restore() => _isCut = false;

    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request,
        CancellationToken cancellationToken
    )
    {
        if (_isCut)
        {
            Interlocked.Increment(ref _held);
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }

        return await base.SendAsync(request, cancellationToken);
    }
}
