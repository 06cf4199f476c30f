using Granary.Worker.Tests.Support;
using Microsoft.Extensions.Logging;

namespace Granary.Worker.Tests;

public sealed class RedactingLogTests
{
    [Fact]
    public void A_secret_is_in_neither_message_nor_exception_nor_fields()
    {
        var captured = new CapturedLog();
        var fields = new List<object?>();
        using var services = new WorkerServices(
            WorkerOptions.From(_ => null),
            new FieldLog(captured, fields),
            TimeProvider.System
        );
        services.Redactor.Add("s3cret-pw");
        var failure = new InvalidOperationException(
            "outer",
            new IOException("proxy http://bob:hunter2@proxy/ says s3cret-pw")
        );

        services.Log.StorageRetry("save", 3, 1.5, "the server knows s3cret-pw");
        services.Log.Log(LogLevel.Warning, new EventId(7), "state", failure, (state, _) => $"{state} s3cret-pw");

        Assert.Contains("the server knows (redacted)", captured.Text, StringComparison.Ordinal);
        Assert.Contains("proxy http://bob:(redacted)@proxy/ says (redacted)", captured.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret-pw", captured.Text, StringComparison.Ordinal);
        Assert.Contains(3, fields);
        Assert.Contains("the server knows (redacted)", fields);
    }

    /// <summary>Keeps the fields, as a collector of JSON sees them.</summary>
    private sealed class FieldLog(ILogger inner, List<object?> fields) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        )
        {
            fields.AddRange((state as IEnumerable<KeyValuePair<string, object?>> ?? []).Select(field => field.Value));
            inner.Log(logLevel, eventId, state, exception, formatter);
        }
    }
}
