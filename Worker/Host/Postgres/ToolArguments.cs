using System.Text;

namespace Granary.Worker.Postgres;

/// <summary>
/// Arguments that a user gave for a PostgreSQL tool, read the way the tool's own option parser reads them.
/// </summary>
/// <remarks>
/// Whoever may write a Task's parameters may not thereby reach files, programs or other servers: only options that are
/// known to do none of that are passed on.
/// </remarks>
internal sealed class ToolArguments
{
    private readonly List<(string Name, string? Value)> _options = [];
    private readonly List<string> _positional = [];

    /// <param name="arguments">As they are passed on.</param>
    /// <param name="shortWithValue">The one-letter options that take a value.</param>
    /// <param name="longWithValue">The long options that take a value, and so may have it in the next argument.</param>
    public ToolArguments(IReadOnlyList<string> arguments, string shortWithValue, IReadOnlySet<string> longWithValue)
    {
        for (var i = 0; i < arguments.Count; i++)
        {
            var argument = arguments[i];
            if (argument == "--")
            {
                _positional.AddRange(arguments.Skip(i + 1));
                break;
            }

            if (argument.StartsWith("--", StringComparison.Ordinal))
            {
                var parts = argument.Split('=', 2);
                var value =
                    parts.Length == 2 ? parts[1]
                    : longWithValue.Contains(parts[0]) ? Next(arguments, ref i)
                    : null;
                _options.Add((parts[0], value));
            }
            else if (argument.Length > 1 && argument[0] == '-')
            {
                ReadCluster(arguments, ref i, shortWithValue);
            }
            else
            {
                _positional.Add(argument);
            }
        }
    }

    /// <summary>Arguments that are not options.</summary>
    public IReadOnlyList<string> Positional => _positional;

    /// <summary>
    /// Splits a parameter into words as a shell does: at white space, with quotes and backslashes. Nothing is expanded.
    /// </summary>
    /// <exception cref="StepFailedException">A quote is not closed.</exception>
    public static string[] Split(string? arguments)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var isWord = false;
        char? quote = null;
        var text = arguments ?? "";
        for (var i = 0; i < text.Length; i++)
        {
            var one = text[i];
            if (quote is null && char.IsWhiteSpace(one))
            {
                if (isWord)
                {
                    words.Add(word.ToString());
                }

                word.Clear();
                isWord = false;
                continue;
            }

            isWord = true;
            if (quote is null && one is '\'' or '"')
            {
                quote = one;
            }
            else if (one == quote)
            {
                quote = null;
            }
            else if (one == '\\' && i + 1 < text.Length && IsEscape(quote, text[i + 1]))
            {
                word.Append(text[++i]);
            }
            else
            {
                word.Append(one);
            }
        }

        if (quote is { } open)
        {
            throw new StepFailedException($"args has a quote that is not closed: {open}");
        }

        if (isWord)
        {
            words.Add(word.ToString());
        }

        return [.. words];
    }

    /// <summary>A database's name: libpq would read some texts as the way to another server.</summary>
    /// <exception cref="StepFailedException">It is a connection string, or empty.</exception>
    public static string DatabaseName(string text) =>
        text.Length > 0 && !IsConnectionString(text)
            ? text
            : throw new StepFailedException(
                "args names a database by a connection string; only its name is allowed, as the AppBinding says where "
                    + "it is"
            );

    /// <summary>
    /// Whether libpq would read the text as a connection string or URL rather than a database's name.
    /// </summary>
    public static bool IsConnectionString(string text) =>
        text.Contains('=')
        || text.StartsWith("postgresql://", StringComparison.Ordinal)
        || text.StartsWith("postgres://", StringComparison.Ordinal);

    /// <summary>Refuses every option that is not among those that a tool may get.</summary>
    /// <param name="tool">The tool, for the message.</param>
    /// <param name="allowed">Whole names: a tool would take an unambiguous beginning as well.</param>
    /// <exception cref="StepFailedException">An option is not allowed; the message names it.</exception>
    public void Allow(string tool, IReadOnlySet<string> allowed)
    {
        if (_options.Find(option => !allowed.Contains(option.Name)) is { Name: { } refused })
        {
            throw new StepFailedException(
                $"args has {refused}, which {tool} does not get here; allowed are {string.Join(", ", allowed.Order())}"
            );
        }
    }

    /// <summary>Whether one of the names was given.</summary>
    public bool Has(params IReadOnlyList<string> names) => _options.Exists(option => names.Contains(option.Name));

    /// <summary>The value of the last option that has one of the names, or null.</summary>
    public string? Value(params IReadOnlyList<string> names) =>
        _options.FindLast(option => names.Contains(option.Name)).Value;

    /// <summary>All values of the options that have one of the names, in order.</summary>
    public IReadOnlyList<string> Values(params IReadOnlyList<string> names) =>
        [.. _options.Where(option => names.Contains(option.Name)).Select(option => option.Value ?? "")];

    // Between double quotes a backslash stands for itself but before these.
    private static bool IsEscape(char? quote, char next) =>
        quote switch
        {
            '\'' => false,
            '"' => next is '"' or '\\' or '$' or '`',
            _ => true,
        };

    private void ReadCluster(IReadOnlyList<string> arguments, ref int index, string shortWithValue)
    {
        var argument = arguments[index];
        for (var i = 1; i < argument.Length; i++)
        {
            var name = $"-{argument[i]}";
            if (shortWithValue.Contains(argument[i]))
            {
                _options.Add((name, i + 1 < argument.Length ? argument[(i + 1)..] : Next(arguments, ref index)));
                return;
            }

            _options.Add((name, null));
        }
    }

    private static string? Next(IReadOnlyList<string> arguments, ref int index) =>
        index + 1 < arguments.Count ? arguments[++index] : null;
}
