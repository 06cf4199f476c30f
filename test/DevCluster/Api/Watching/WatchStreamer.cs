using System.Globalization;
using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Errors;
using Granary.DevCluster.Api.Reading;
using Granary.DevCluster.Api.Routing;
using Granary.DevCluster.Api.Storage;

namespace Granary.DevCluster.Api.Watching;

/// <summary>
/// Streams changes to a client. It reads the log at its own pace, so a slow client costs no memory: when it falls
/// behind the log, its watch ends with 410 Expired and it lists again.
/// </summary>
internal sealed class WatchStreamer(ApiCore core, ObjectReader reader)
{
    private const int Batch = 256;
    private const int DefaultSeconds = 1800;
    private static readonly TimeSpan BookmarkInterval = TimeSpan.FromSeconds(60);

    /// <summary>A watch that is to end gets a last bookmark this long before.</summary>
    private static readonly TimeSpan BeforeEnd = TimeSpan.FromSeconds(2);

    /// <param name="lifetime">Ends all watches when the server stops.</param>
    public async Task StreamAsync(ApiRequest request, WatchWriter writer, CancellationToken lifetime)
    {
        var selection = new WatchSelection(request);
        var sendInitial = request.Flag("sendInitialEvents");
        CheckOptions(request, sendInitial);
        var bookmarks = request.Flag("allowWatchBookmarks");
        var seconds = request.Number("timeoutSeconds") is > 0 and var wanted ? wanted : DefaultSeconds;
        var version = request.Query("resourceVersion");
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(request.Aborted, lifetime);
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(seconds), core.Clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(ended.Token, timeout.Token);

        await writer.BeginAsync();
        long cursor;
        if (sendInitial || string.IsNullOrEmpty(version) || version == "0")
        {
            var (objects, revision) = reader.Select(request);
            foreach (var stored in objects)
            {
                writer.Add("ADDED", ApiCore.Present(request.Resource, stored));
            }

            if (sendInitial && bookmarks)
            {
                writer.Add("BOOKMARK", Bookmark(request, revision, initialEnd: true));
            }

            await writer.FlushAsync(ended.Token);
            cursor = revision;
        }
        else if (!long.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out cursor))
        {
            throw ApiErrors.Invalid(
                string.Empty,
                "ListOptions",
                string.Empty,
                [
                    FieldError.Invalid(
                        "resourceVersion",
                        version,
                        "strconv.ParseUint: parsing \"" + version + "\": invalid syntax"
                    ),
                ]
            );
        }

        try
        {
            var lastBookmark = core.Clock.GetUtcNow() + TimeSpan.FromSeconds(seconds) - BeforeEnd;
            await FollowAsync(request, selection, writer, cursor, bookmarks ? lastBookmark : null, both.Token);
        }
        catch (OperationCanceledException)
        {
            // Its time is over, the client went away, or the server stops: a watch simply ends.
        }
    }

    private async Task FollowAsync(
        ApiRequest request,
        WatchSelection selection,
        WatchWriter writer,
        long cursor,
        DateTimeOffset? lastBookmark,
        CancellationToken cancellationToken
    )
    {
        while (true)
        {
            var changes = core.Store.ChangesAfter(
                request.Resource.StorageKey,
                cursor,
                Batch,
                out var now,
                out var changed
            );
            if (changes is null)
            {
                var expired = ApiErrors.Expired($"too old resource version: {cursor} ({now})");
                writer.Add("ERROR", expired.ToStatus());
                await writer.FlushAsync(cancellationToken);
                return;
            }

            foreach (var change in changes)
            {
                selection.Write(change, writer);
                cursor = change.Revision;
            }

            await writer.FlushAsync(cancellationToken);
            if (changes.Count == Batch)
            {
                continue;
            }

            if (lastBookmark is null)
            {
                await changed.WaitAsync(cancellationToken);
                continue;
            }

            var untilLast = lastBookmark.Value - core.Clock.GetUtcNow();
            var isLast = untilLast > TimeSpan.Zero && untilLast < BookmarkInterval;
            try
            {
                await changed.WaitAsync(isLast ? untilLast : BookmarkInterval, core.Clock, cancellationToken);
            }
            catch (TimeoutException)
            {
                writer.Add("BOOKMARK", Bookmark(request, core.Store.Revision, initialEnd: false));
                await writer.FlushAsync(cancellationToken);

                // A timer may end a little early by the clock; the last bookmark is sent once all the same.
                lastBookmark = isLast ? null : lastBookmark;
            }
        }
    }

    private static void CheckOptions(ApiRequest request, bool sendInitial)
    {
        var match = request.Query("resourceVersionMatch");
        if (sendInitial && match != "NotOlderThan")
        {
            throw ApiErrors.Invalid(
                string.Empty,
                "ListOptions",
                string.Empty,
                [
                    FieldError.Forbidden(
                        "resourceVersionMatch",
                        "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"
                    ),
                ]
            );
        }
    }

    private static JsonObject Bookmark(ApiRequest request, long revision, bool initialEnd)
    {
        var metadata = new JsonObject { ["resourceVersion"] = revision.ToString(CultureInfo.InvariantCulture) };
        if (initialEnd)
        {
            metadata["annotations"] = new JsonObject { ["k8s.io/initial-events-end"] = "true" };
        }

        return new JsonObject
        {
            ["kind"] = request.Resource.Kind,
            ["apiVersion"] = request.Resource.ApiVersion,
            ["metadata"] = metadata,
        };
    }
}
