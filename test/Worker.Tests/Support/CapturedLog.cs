using System.Collections.Concurrent;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Granary.Worker.Tests.Support;

/// <summary>Keeps every message, to be read by a test.</summary>
internal sealed class CapturedLog : ILogger
{
    private readonly ConcurrentQueue<string> _lines = new();

    public string Text => string.Join('\n', _lines);

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter
    ) =>
        _lines.Enqueue(
            new StringBuilder($"{logLevel} {eventId.Id} {formatter(state, exception)}")
                .Append(exception is null ? "" : $"\n{exception}")
                .ToString()
        );
}
