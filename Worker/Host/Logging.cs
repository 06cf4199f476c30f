using Microsoft.Extensions.Logging;

namespace Granary.Worker;

/// <summary>Where log messages go: standard error, as text for people, or as JSON lines for collectors.</summary>
internal static class Logging
{
    /// <summary>Makes the loggers. Disposing writes what is still on its way.</summary>
    public static ILoggerFactory Create(WorkerOptions options) =>
        LoggerFactory.Create(logging =>
        {
            logging.SetMinimumLevel(options.LogLevel);
            if (options.LogsJson)
            {
                logging.AddJsonConsole(json =>
                {
                    json.UseUtcTimestamp = true;
                    json.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";
                });
            }
            else
            {
                logging.AddSimpleConsole(text =>
                {
                    text.SingleLine = true;
                    text.TimestampFormat = "HH:mm:ss ";
                });
            }

            // Standard output belongs to results.
            logging.AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        });
}
