using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Granary.Worker.Commands.Flags;

/// <summary>Makes the options of commands, with the forms that Functions of Stash's catalog use.</summary>
/// <remarks>
/// A Function writes <c>--flag=${VARIABLE:=}</c>, so a flag without a value after its <c>=</c> is everyday in the steps
/// of a Job and means the same as no flag at all; <see cref="Normalize"/> sees to that. By hand an empty value is a
/// value, as in restic.
/// </remarks>
internal static class Flag
{
    /// <summary>A text.</summary>
    public static Option<string> Text(
        string name,
        string description,
        string otherwise = "",
        params string[] aliases
    ) => new(name, aliases) { Description = description, DefaultValueFactory = _ => otherwise };

    /// <summary>Yes or no: <c>--flag</c>, <c>--flag=true</c>, <c>--flag=false</c>.</summary>
    public static Option<bool> Switch(
        string name,
        string description,
        bool otherwise = false,
        params string[] aliases
    ) =>
        new(name, aliases)
        {
            Description = description,
            DefaultValueFactory = _ => otherwise,
            Arity = ArgumentArity.ZeroOrOne,
        };

    /// <summary>A whole number that is not negative.</summary>
    public static Option<long> Number(string name, string description, long otherwise = 0) =>
        new(name)
        {
            Description = description,
            DefaultValueFactory = _ => otherwise,
            CustomParser = result =>
            {
                if (
                    long.TryParse(
                        result.Tokens[^1].Value,
                        NumberStyles.None,
                        CultureInfo.InvariantCulture,
                        out var number
                    )
                )
                {
                    return number;
                }

                result.AddError($"{name} is '{result.Tokens[^1].Value}'; it must be a whole number");
                return otherwise;
            },
        };

    /// <summary>
    /// The lists of tags that a flag gives, one for each time: separated by commas, without the white space around
    /// them.
    /// </summary>
    public static IReadOnlyList<IReadOnlyList<string>> TagLists(ParseResult parsed, Option<string[]> option) =>
        [.. (parsed.GetValue(option) ?? []).Select(tags => tags.Split(',', StringSplitOptions.TrimEntries))];

    /// <summary>
    /// A flag that may come more than once, each time with a value: one that is left out must not read as "all".
    /// </summary>
    public static Option<string[]> Texts(string name, string description, params string[] aliases)
    {
        var option = new Option<string[]>(name, aliases)
        {
            Description = description,
            DefaultValueFactory = _ => [],
            Arity = ArgumentArity.OneOrMore,
        };
        option.Validators.Add(result =>
        {
            // What a forgotten value looks like: the next flag is taken for it, and is lost as a flag, even if it is
            // --dry-run.
            var flags = (result.Parent as CommandResult)?.Command.Options.SelectMany(each => each.Aliases) ?? [];
            foreach (
                var value in result
                    .Tokens.Select(token => token.Value)
                    .Where(value => value.StartsWith("--", StringComparison.Ordinal) || flags.Contains(value))
            )
            {
                result.AddError($"{name} has no value: {NameOf(value)} is a flag");
            }
        });
        return option;
    }

    /// <summary>A flag without its value, which might be secret.</summary>
    public static string NameOf(string flag) => flag.Split('=', 2)[0];

    /// <summary>Words that are no flags: ids, paths.</summary>
    public static Argument<string[]> Words(string name, string description) =>
        Flagless(new Argument<string[]>(name) { Description = description, Arity = ArgumentArity.ZeroOrMore });

    /// <summary>One word that is no flag.</summary>
    public static Argument<string> Word(string name, string description) =>
        Flagless(new Argument<string>(name) { Description = description });

    /// <summary>
    /// Drops flags whose value is empty. What comes after <c>--</c> belongs to another program and stays as it is.
    /// </summary>
    public static string[] Normalize(IReadOnlyList<string> arguments) => ReplaceEmpty(arguments, _ => []);

    /// <summary>
    /// Keeps empty values: the parser would take the next word for the value of <c>--flag=</c>. What comes after
    /// <c>--</c> stays as it is.
    /// </summary>
    public static string[] KeepEmpty(IReadOnlyList<string> arguments) =>
        ReplaceEmpty(arguments, flag => [flag[..^1], ""]);

    private static string[] ReplaceEmpty(IReadOnlyList<string> arguments, Func<string, string[]> instead)
    {
        var ours = arguments.TakeWhile(argument => argument != "--").ToList();
        return
        [
            .. ours.SelectMany(argument =>
                argument.StartsWith("--", StringComparison.Ordinal)
                && argument.IndexOf('=') == argument.Length - 1
                && argument.Length > 3
                    ? instead(argument)
                    : [argument]
            ),
            .. arguments.Skip(ours.Count),
        ];
    }

    /// <summary>A flag that the command does not have would otherwise be taken for an id.</summary>
    private static Argument<T> Flagless<T>(Argument<T> argument)
    {
        argument.Validators.Add(result =>
        {
            foreach (var token in result.Tokens.Where(token => token.Value.StartsWith('-')))
            {
                result.AddError($"Unrecognized flag '{NameOf(token.Value)}'");
            }
        });
        return argument;
    }
}
