namespace Granary.Api.Tests.Structure;

/// <summary>Finds a way through a graph that leads back to where it began.</summary>
internal static class Circle
{
    /// <returns>The names on the way, the first one once more at its end; empty when there is none.</returns>
    public static IReadOnlyList<string> In(IReadOnlyDictionary<string, IReadOnlySet<string>> graph)
    {
        var done = new HashSet<string>(StringComparer.Ordinal);
        foreach (var start in graph.Keys.Order(StringComparer.Ordinal))
        {
            if (Follow(start, graph, [], done) is { Count: > 0 } circle)
            {
                return circle;
            }
        }

        return [];
    }

    private static List<string> Follow(
        string name,
        IReadOnlyDictionary<string, IReadOnlySet<string>> graph,
        List<string> way,
        HashSet<string> done
    )
    {
        if (way.IndexOf(name) is var at and >= 0)
        {
            return [.. way[at..], name];
        }

        if (!done.Add(name))
        {
            return [];
        }

        way.Add(name);
        foreach (var next in graph.GetValueOrDefault(name) ?? new HashSet<string>())
        {
            if (Follow(next, graph, way, done) is { Count: > 0 } circle)
            {
                return circle;
            }
        }

        way.RemoveAt(way.Count - 1);
        return [];
    }
}
