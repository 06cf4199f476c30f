using System.Globalization;
using System.Text;

namespace Granary.Operator.Tasks;

/// <summary>Expands <c>${…}</c> in one string of a Task or Function.</summary>
/// <remarks>
/// <para>Shape: <c>${v}</c> is mandatory; <c>${v:=d}</c>, <c>${v=d}</c>, <c>${v:-d}</c> and <c>${v-d}</c> fall back to
/// <c>d</c> only when <c>v</c> is absent (a present, empty value stays empty); <c>${#v} ${v^} ${v^^} ${v,} ${v,,}
/// ${v:off[:len]} ${v#p} ${v##p} ${v%p} ${v%%p} ${v/a/b} ${v//a/b}</c> work on the value. <c>$$</c> is a dollar;
/// <c>$NAME</c> and <c>$(NAME)</c> stay as they are, the latter being Kubernetes' own.</para>
/// <para>Errors: nothing is thrown; each problem is reported once and leaves its part of the text empty.</para>
/// <para>Source: stash-behaviour §3.1.</para>
/// </remarks>
internal sealed class Template(IReadOnlyDictionary<string, string> variables, Action<string> report)
{
    public string Expand(string text)
    {
        if (!text.Contains('$'))
        {
            return text;
        }

        var expanded = new StringBuilder(text.Length);
        for (var at = 0; at < text.Length; at++)
        {
            var next = at + 1 < text.Length ? text[at + 1] : '\0';
            if (text[at] != '$' || next is not ('$' or '{'))
            {
                expanded.Append(text[at]);
            }
            else if (next == '$')
            {
                expanded.Append('$');
                at++;
            }
            else
            {
                var end = ClosingBrace(text, at + 2);
                if (end < 0)
                {
                    report($"\"{text[at..]}\" has no closing brace");
                    return expanded.ToString();
                }

                expanded.Append(Evaluate(text[(at + 2)..end]));
                at = end;
            }
        }

        return expanded.ToString();
    }

    /// <summary>The brace that ends an expression; only <c>${</c> opens a nested one, as in a shell.</summary>
    private static int ClosingBrace(string text, int from)
    {
        var depth = 1;
        for (var at = from; at < text.Length; at++)
        {
            if (text[at] == '$' && at + 1 < text.Length && text[at + 1] == '{')
            {
                depth++;
                at++;
            }
            else if (text[at] == '}' && --depth == 0)
            {
                return at;
            }
        }

        return -1;
    }

    private string Evaluate(string expression)
    {
        if (expression.StartsWith('#') && IsName(expression.AsSpan(1)))
        {
            return Value(expression[1..]) is { } counted ? counted.Length.ToString(CultureInfo.InvariantCulture) : "";
        }

        var length = 0;
        while (length < expression.Length && IsNameCharacter(expression[length]))
        {
            length++;
        }

        var name = expression[..length];
        var rest = expression[length..];
        if (!IsName(name))
        {
            return Refuse(expression);
        }

        if (DefaultOf(rest) is { } fallback)
        {
            return variables.TryGetValue(name, out var present) ? present : Expand(fallback);
        }

        return Value(name) is { } value ? Apply(expression, rest, value) : "";
    }

    private static string? DefaultOf(string rest) =>
        rest switch
        {
            [':', '=' or '-', ..] => rest[2..],
            ['=' or '-', ..] => rest[1..],
            _ => null,
        };

    private string Apply(string expression, string rest, string value) =>
        rest switch
        {
            "" => value,
            "^" => ChangeFirst(value, char.ToUpperInvariant),
            "^^" => value.ToUpperInvariant(),
            "," => ChangeFirst(value, char.ToLowerInvariant),
            ",," => value.ToLowerInvariant(),
            ['#', '#', .. var pattern] => Glob.TrimStart(value, Expand(pattern), longest: true),
            ['#', .. var pattern] => Glob.TrimStart(value, Expand(pattern), longest: false),
            ['%', '%', .. var pattern] => Glob.TrimEnd(value, Expand(pattern), longest: true),
            ['%', .. var pattern] => Glob.TrimEnd(value, Expand(pattern), longest: false),
            ['/', '/', .. var change] => Replace(value, change, everywhere: true),
            ['/', .. var change] => Replace(value, change, everywhere: false),
            [':', .. var range] => Slice(value, Expand(range)) ?? Refuse(expression),
            _ => Refuse(expression),
        };

    private string? Value(string name)
    {
        if (variables.TryGetValue(name, out var value))
        {
            return value;
        }

        report($"the variable ${{{name}}} has no value and no default");
        return null;
    }

    private string Refuse(string expression)
    {
        report($"\"${{{expression}}}\" is not an expression that can be evaluated");
        return "";
    }

    private string Replace(string value, string change, bool everywhere)
    {
        var slash = change.IndexOf('/', StringComparison.Ordinal);
        var search = Expand(slash < 0 ? change : change[..slash]);
        var replacement = slash < 0 ? "" : Expand(change[(slash + 1)..]);
        if (search.Length == 0)
        {
            return value;
        }

        if (everywhere)
        {
            return value.Replace(search, replacement, StringComparison.Ordinal);
        }

        var at = value.IndexOf(search, StringComparison.Ordinal);
        return at < 0 ? value : string.Concat(value.AsSpan(0, at), replacement, value.AsSpan(at + search.Length));
    }

    /// <summary>
    /// <c>off</c> or <c>off:len</c>; a negative offset counts from the end; both are clamped to the value.
    /// </summary>
    private static string? Slice(string value, string range)
    {
        var parts = range.Split(':');
        if (parts.Length > 2 || !int.TryParse(parts[0].Trim(), CultureInfo.InvariantCulture, out var offset))
        {
            return null;
        }

        var length = value.Length;
        if (
            parts.Length == 2
            && (!int.TryParse(parts[1].Trim(), CultureInfo.InvariantCulture, out length) || length < 0)
        )
        {
            return null;
        }

        var start = Math.Clamp(offset < 0 ? value.Length + offset : offset, 0, value.Length);
        return value.Substring(start, Math.Min(length, value.Length - start));
    }

    private static string ChangeFirst(string value, Func<char, char> change) =>
        value.Length == 0 ? value : change(value[0]) + value[1..];

    private static bool IsName(ReadOnlySpan<char> text)
    {
        foreach (var character in text)
        {
            if (!IsNameCharacter(character))
            {
                return false;
            }
        }

        return text.Length > 0 && !char.IsAsciiDigit(text[0]);
    }

    private static bool IsNameCharacter(char character) => char.IsAsciiLetterOrDigit(character) || character == '_';
}
