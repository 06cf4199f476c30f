using System.CommandLine;

namespace Granary.Worker.Commands.Flags;

/// <summary>Functions that were written for other releases pass flags that this program does not have.</summary>
internal static class UnknownFlags
{
    /// <summary>Says which flags have no effect, by name only: a value might be secret.</summary>
    public static void Warn(ParseResult parsed, WorkerServices services)
    {
        var names = parsed.UnmatchedTokens.Where(token => token.StartsWith('-')).Select(Flag.NameOf).ToArray();
        if (names.Length > 0)
        {
            services.Log.UnknownFlags(string.Join(' ', names));
        }
    }
}
