namespace Granary.Operator.Tasks;

/// <summary>
/// The shell patterns of <c>${v#p}</c> and <c>${v%p}</c>: <c>*</c>, <c>?</c>, <c>[a-z]</c>, <c>[!a-z]</c> and
/// <c>\x</c>.
/// </summary>
internal static class Glob
{
    public static string TrimStart(string value, string pattern, bool longest)
    {
        for (var step = 0; step <= value.Length; step++)
        {
            var length = longest ? value.Length - step : step;
            if (Matches(pattern, value.AsSpan(0, length)))
            {
                return value[length..];
            }
        }

        return value;
    }

    public static string TrimEnd(string value, string pattern, bool longest)
    {
        for (var step = 0; step <= value.Length; step++)
        {
            var start = longest ? step : value.Length - step;
            if (Matches(pattern, value.AsSpan(start)))
            {
                return value[..start];
            }
        }

        return value;
    }

    /// <summary>Whether the pattern covers the whole text. Linear memory; back-tracks only to the last star.</summary>
    public static bool Matches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> text)
    {
        int p = 0,
            t = 0,
            star = -1,
            starred = 0;
        while (t < text.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                star = p++;
                starred = t;
            }
            else if (p < pattern.Length && MatchesOne(pattern[p..], text[t], out var used))
            {
                p += used;
                t++;
            }
            else if (star >= 0)
            {
                p = star + 1;
                t = ++starred;
            }
            else
            {
                return false;
            }
        }

        while (p < pattern.Length && pattern[p] == '*')
        {
            p++;
        }

        return p == pattern.Length;
    }

    private static bool MatchesOne(ReadOnlySpan<char> pattern, char character, out int used)
    {
        used = 1;
        switch (pattern[0])
        {
            case '?':
                return true;
            case '\\' when pattern.Length > 1:
                used = 2;
                return pattern[1] == character;
            case '[' when pattern[1..].IndexOf(']') is var end and > 0:
                used = end + 2;
                return InClass(pattern.Slice(1, end), character);
            default:
                return pattern[0] == character;
        }
    }

    private static bool InClass(ReadOnlySpan<char> set, char character)
    {
        var negated = set.Length > 1 && set[0] is '!' or '^';
        var found = false;
        for (var at = negated ? 1 : 0; at < set.Length; at++)
        {
            if (at + 2 < set.Length && set[at + 1] == '-')
            {
                found |= set[at] <= character && character <= set[at + 2];
                at += 2;
            }
            else
            {
                found |= set[at] == character;
            }
        }

        return found != negated;
    }
}
