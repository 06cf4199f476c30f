using System.Globalization;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace Granary.DevCluster.Machinery;

/// <summary>
/// Writes Events about objects the way client-go's recorder does: one Event, with a count that grows on repetition.
/// </summary>
public sealed class EventRecorder(
    ResourceClient client,
    string component,
    TimeProvider time,
    ILogger log,
    string host = ""
)
{
    private readonly Dictionary<string, Corev1Event> _known = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private Task _last = Task.CompletedTask;
    private long _lastNanoseconds;

    /// <summary>Records in the background, in order; an Event that cannot be written is dropped.</summary>
    public void Record(
        IKubernetesObject<V1ObjectMeta> about,
        ResourceType type,
        string eventType,
        string reason,
        string message,
        string? fieldPath = null
    )
    {
        var reference = new V1ObjectReference
        {
            ApiVersion = type.ApiVersion,
            Kind = type.Kind,
            Name = about.Metadata.Name,
            NamespaceProperty = about.Metadata.NamespaceProperty,
            Uid = about.Metadata.Uid,
            ResourceVersion = about.Metadata.ResourceVersion,
            FieldPath = fieldPath,
        };
        lock (_lock)
        {
            var previous = _last;
            _last = Task.Run(async () =>
            {
                await previous;
                await WriteAsync(reference, eventType, reason, message);
            });
        }
    }

    /// <summary>Completes when everything recorded so far is written.</summary>
    public Task FlushAsync()
    {
        lock (_lock)
        {
            return _last;
        }
    }

    private async Task WriteAsync(V1ObjectReference about, string eventType, string reason, string message)
    {
        try
        {
            var now = time.GetUtcNow();
            var stamp = new DateTime(now.Ticks - (now.Ticks % TimeSpan.TicksPerSecond), DateTimeKind.Utc);
            var ns = string.IsNullOrEmpty(about.NamespaceProperty) ? "default" : about.NamespaceProperty;
            var key = $"{about.Uid}|{about.FieldPath}|{eventType}|{reason}|{message}";
            if (_known.TryGetValue(key, out var known))
            {
                known.Count++;
                known.LastTimestamp = stamp;
                known.Metadata.ResourceVersion = null;
                _known[key] = await client.ReplaceAsync(ResourceType.Events, known, null, CancellationToken.None);
                return;
            }

            if (_known.Count > 1000)
            {
                _known.Clear();
            }

            // client-go names an Event after its object and the time in nanoseconds. A clock may stand still between
            // two of them, and a name that is taken would drop the second one.
            _lastNanoseconds = Math.Max(
                _lastNanoseconds + 1,
                (now.Ticks - DateTimeOffset.UnixEpoch.Ticks) * 100 + Random.Shared.Next(100)
            );
            var nanoseconds = _lastNanoseconds;
            _known[key] = await client.CreateAsync(
                ResourceType.Events,
                ns,
                new Corev1Event
                {
                    ApiVersion = "v1",
                    Kind = "Event",
                    Metadata = new V1ObjectMeta
                    {
                        Name = $"{about.Name}.{nanoseconds.ToString("x", CultureInfo.InvariantCulture)}",
                        NamespaceProperty = ns,
                    },
                    InvolvedObject = about,
                    Type = eventType,
                    Reason = reason,
                    Message = message.Length > 1024 ? message[..1024] : message,
                    Source = new V1EventSource { Component = component, Host = host.Length == 0 ? null : host },
                    FirstTimestamp = stamp,
                    LastTimestamp = stamp,
                    Count = 1,
                    ReportingComponent = component,
                    ReportingInstance = host,
                },
                CancellationToken.None
            );
        }
        catch (Exception e)
        {
            log.LogDebug(e, "event {Reason} about {Name} was dropped", reason, about.Name);
        }
    }
}
