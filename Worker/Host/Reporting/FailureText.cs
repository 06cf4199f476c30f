namespace Granary.Worker.Reporting;

/// <summary>Turns a failure into the text that a status shows.</summary>
internal static class FailureText
{
    private const int Longest = 2000;

    /// <summary>
    /// The failure's message, redacted and of bounded length; what is not foreseen is named by its type as well.
    /// </summary>
    public static string Of(Exception failure, Redactor redactor)
    {
        var text = ExitCodes.IsExpected(failure) ? failure.Message : $"{failure.GetType().Name}: {failure.Message}";
        text = redactor.Redact(text.Trim());
        return text.Length <= Longest ? text : string.Concat("…", text.AsSpan(text.Length - Longest));
    }
}
