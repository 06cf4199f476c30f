using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;

namespace Granary.TestSupport.StandIns;

/// <summary>The objects of one container in a stand-in server, and what all of them do with HTTP.</summary>
public sealed class ObjectShelf
{
    private readonly ConcurrentDictionary<string, byte[]> _objects = new(StringComparer.Ordinal);

    public bool Contains(string name) => _objects.ContainsKey(name);

    public byte[]? Find(string name) => _objects.GetValueOrDefault(name);

    public void Put(string name, byte[] content) => _objects[name] = content;

    public bool TryAdd(string name, byte[] content) => _objects.TryAdd(name, content);

    public bool Remove(string name) => _objects.TryRemove(name, out _);

    /// <summary>Names under a prefix behind a marker, in order, at most so many.</summary>
    public List<(string Name, long Size)> List(string prefix, string after, int limit) =>
        [
            .. _objects
                .Where(item =>
                    item.Key.StartsWith(prefix, StringComparison.Ordinal) && string.CompareOrdinal(item.Key, after) > 0
                )
                .OrderBy(item => item.Key, StringComparer.Ordinal)
                .Take(limit)
                .Select(item => (item.Key, (long)item.Value.Length)),
        ];

    /// <summary>
    /// Answers GET and HEAD as real stores do: a range that passes the end is cut, one behind the end is refused.
    /// </summary>
    public async Task SendAsync(HttpContext context, string name)
    {
        if (Find(name) is not { } content)
        {
            context.Response.StatusCode = 404;
            return;
        }

        var sent = content.AsMemory();
        var range = context.Request.GetTypedHeaders().Range?.Ranges.Single();
        if (range is not null)
        {
            if (range.From >= content.Length)
            {
                context.Response.StatusCode = 416;
                return;
            }

            var from = (int)range.From!.Value;
            var to = (int)Math.Min(range.To ?? long.MaxValue, content.Length - 1);
            sent = sent[from..(to + 1)];
            context.Response.StatusCode = 206;
        }

        context.Response.ContentLength = sent.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await context.Response.Body.WriteAsync(sent, context.RequestAborted);
        }
    }

    /// <summary>Reads a request's body whole.</summary>
    public static async Task<byte[]> BodyAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        return body.ToArray();
    }
}
