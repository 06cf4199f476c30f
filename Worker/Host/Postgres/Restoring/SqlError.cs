namespace Granary.Worker.Postgres.Restoring;

/// <summary>One error that psql reported.</summary>
/// <param name="Line">Line of the script, from 1.</param>
/// <param name="SqlState">The server's five-character code; empty for an error of psql itself.</param>
/// <param name="Message">The server's primary message, without detail (which may hold data).</param>
/// <param name="Statement">The statement's first words, in one line; never shown, it may hold data or secrets.</param>
internal sealed record SqlError(long Line, string SqlState, string Message, string Statement)
{
    /// <summary>The error as it is told to people.</summary>
    public string Describe() =>
        SqlState.Length == 0 ? $"line {Line}: {Message}" : $"line {Line}: {Verb()}{Message} ({SqlState})";

    private string Verb()
    {
        // CREATE TABLE, ALTER DEFAULT: upper-case keywords only, so no name and no value.
        var words = Statement
            .Split(' ', 3)
            .Take(2)
            .TakeWhile(word => word.Length > 1 && word.All(char.IsAsciiLetterUpper))
            .ToArray();
        return words.Length == 0 ? "" : $"{string.Join(' ', words)}: ";
    }
}
