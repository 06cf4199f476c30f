using System.CommandLine;
using System.Globalization;

namespace Granary.Worker.Commands;

/// <summary>Makes the options of commands, with the forms that Functions of Stash's catalog use.</summary>
/// <remarks>
/// A Function writes <c>--flag=${VARIABLE:=}</c>, so a flag without a value after its <c>=</c> is everyday and means the same as
/// no flag at all; <see cref="Normalize"/> sees to that.
/// </remarks>
internal static class Flag
{
    /// <summary>A text.</summary>
    public static Option<string> Text(string name, string description, string otherwise = "", params string[] aliases)
        => new(name, aliases) { Description = description, DefaultValueFactory = _ => otherwise };

    /// <summary>Yes or no: <c>--flag</c>, <c>--flag=true</c>, <c>--flag=false</c>.</summary>
    public static Option<bool> Switch(string name, string description, bool otherwise = false, params string[] aliases)
        => new(name, aliases) { Description = description, DefaultValueFactory = _ => otherwise, Arity = ArgumentArity.ZeroOrOne };

    /// <summary>A whole number that is not negative.</summary>
    public static Option<long> Number(string name, string description, long otherwise = 0)
        => new(name)
        {
            Description = description,
            DefaultValueFactory = _ => otherwise,
            CustomParser = result =>
            {
                if (long.TryParse(result.Tokens[^1].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                {
                    return number;
                }

                result.AddError($"{name} is '{result.Tokens[^1].Value}'; it must be a whole number");
                return otherwise;
            },
        };

    /// <summary>A flag that may come more than once.</summary>
    public static Option<string[]> Texts(string name, string description, params string[] aliases)
        => new(name, aliases) { Description = description, DefaultValueFactory = _ => [], Arity = ArgumentArity.ZeroOrMore };

    /// <summary>Drops flags whose value is empty. What comes after <c>--</c> belongs to another program and stays as it is.</summary>
    public static string[] Normalize(IReadOnlyList<string> arguments)
    {
        var ours = arguments.TakeWhile(argument => argument != "--").ToList();
        return
        [
            .. ours.Where(argument => !(argument.StartsWith("--", StringComparison.Ordinal) && argument.IndexOf('=') == argument.Length - 1 && argument.Length > 3)),
            .. arguments.Skip(ours.Count),
        ];
    }
}
