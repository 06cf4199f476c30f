using System.Collections;
using Microsoft.Extensions.Logging;

namespace Granary.Worker;

/// <summary>
/// Takes secrets out of every message on its way to the log, also out of its fields and its exception.
/// </summary>
/// <remarks>
/// The one place for it: whoever logs, the engine's parts included, may pass on what a server, a proxy or a tool said.
/// </remarks>
internal sealed class RedactingLog(ILogger inner, Redactor redactor) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => inner.BeginScope(state);

    public bool IsEnabled(LogLevel logLevel) => inner.IsEnabled(logLevel);

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter
    )
    {
        if (!IsEnabled(logLevel))
        {
            return;
        }

        var line = new Line(redactor.Redact(formatter(state, exception)), [.. Fields(state)]);
        var cause = exception is null
            ? null
            : new RedactedException(redactor.Redact(exception.Message), redactor.Redact(exception.ToString()));
        inner.Log(logLevel, eventId, line, cause, static (line, _) => line.ToString());
    }

    private IEnumerable<KeyValuePair<string, object?>> Fields<TState>(TState state) =>
        state is IEnumerable<KeyValuePair<string, object?>> fields
            ? fields.Select(field =>
                KeyValuePair.Create(
                    field.Key,
                    field.Value switch
                    {
                        null or ValueType => field.Value,
                        var value => redactor.Redact($"{value}"),
                    }
                )
            )
            : [];

    /// <summary>A message with its fields, which collectors of JSON want by name.</summary>
    private sealed class Line(string text, IReadOnlyList<KeyValuePair<string, object?>> fields)
        : IReadOnlyList<KeyValuePair<string, object?>>
    {
        public int Count => fields.Count;

        public KeyValuePair<string, object?> this[int index] => fields[index];

        public IEnumerator<KeyValuePair<string, object?>> GetEnumerator() => fields.GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

        public override string ToString() => text;
    }

    /// <summary>An exception as it may be shown; its text is all that a log wants of it.</summary>
    private sealed class RedactedException(string message, string text) : Exception(message)
    {
        public override string ToString() => text;
    }
}
