using System.Globalization;
using Granary.Api.Common;
using Granary.Worker.Cluster;
using k8s;
using k8s.Autorest;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace Granary.Worker.Reporting;

/// <summary>Writes one Event per host. Source: stash-behaviour §2.13.</summary>
internal sealed class HostEvents(ClusterClient cluster, ILogger log)
{
    private const string Source = "Status Updater";
    private const int LongestMessage = 1000;

    /// <summary>Writes an Event about a session. An Event that cannot be written is logged and nothing else.</summary>
    /// <param name="about">The session.</param>
    /// <param name="action">Backup or Restore.</param>
    /// <param name="host">How the host went.</param>
    /// <param name="target">The target.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async Task WriteAsync<T>(
        T about,
        string action,
        HostOutput host,
        TargetRef target,
        CancellationToken cancellationToken
    )
        where T : IKubernetesObject<V1ObjectMeta>
    {
        var now = cluster.Now;
        var good = host.HasSucceeded();
        var what = $"{target.Kind} {target.Namespace}/{target.Name}, host {host.Hostname}";
        var message = good
            ? $"{action} succeeded for {what} in {host.Duration}."
            : $"{action} failed for {what}: {host.Error}";
        var kind = ClusterClient.KindOf<T>();
        var @event = new Corev1Event
        {
            ApiVersion = "v1",
            Kind = "Event",
            Metadata = new V1ObjectMeta
            {
                Name = $"{about.Metadata.Name}.{(now - DateTimeOffset.UnixEpoch).Ticks * 100:x}",
                NamespaceProperty = about.Metadata.NamespaceProperty,
            },
            InvolvedObject = new V1ObjectReference
            {
                ApiVersion = $"{kind.Group}/{kind.ApiVersion}",
                Kind = kind.Kind,
                Name = about.Metadata.Name,
                NamespaceProperty = about.Metadata.NamespaceProperty,
                Uid = about.Metadata.Uid,
                ResourceVersion = about.Metadata.ResourceVersion,
            },
            Type = good ? "Normal" : "Warning",
            Reason = string.Create(CultureInfo.InvariantCulture, $"Host {action} {(good ? "Succeeded" : "Failed")}"),
            Message =
                message.Length <= LongestMessage ? message : string.Concat(message.AsSpan(0, LongestMessage), "…"),
            Source = new V1EventSource { Component = Source },
            FirstTimestamp = now.UtcDateTime,
            LastTimestamp = now.UtcDateTime,
            Count = 1,
        };
        try
        {
            await cluster.CreateEventAsync(@event, cancellationToken);
        }
        catch (Exception e) when (e is HttpOperationException or HttpRequestException)
        {
            log.EventNotWritten(message, e.Message);
        }
    }
}
