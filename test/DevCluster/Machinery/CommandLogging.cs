using Microsoft.Extensions.Logging;

namespace Granary.DevCluster.Machinery;

/// <summary>
/// Logging of the command-line forms: errors always, all of it on request; standard output stays for results.
/// </summary>
public static class CommandLogging
{
    public static ILoggerFactory Create(bool verbose) =>
        LoggerFactory.Create(logging =>
            logging
                .SetMinimumLevel(verbose ? LogLevel.Debug : LogLevel.Warning)
                .AddSimpleConsole(console => console.SingleLine = true)
                .Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(console =>
                    console.LogToStandardErrorThreshold = LogLevel.Trace
                )
        );
}
