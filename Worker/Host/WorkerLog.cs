using Microsoft.Extensions.Logging;

namespace Granary.Worker;

/// <summary>Every message of the worker. Ids 3000 to 3999.</summary>
internal static partial class WorkerLog
{
    [LoggerMessage(3001, LogLevel.Information, "Waiting for PostgreSQL at {Server}: {Reason}")]
    public static partial void ServerNotReady(ILogger logger, string server, string reason);

    [LoggerMessage(3002, LogLevel.Information, "Running {Command}")]
    public static partial void ToolStarted(ILogger logger, string command);

    [LoggerMessage(3003, LogLevel.Debug, "{Tool}: {Line}")]
    public static partial void ToolSaid(ILogger logger, string tool, string line);

    [LoggerMessage(3004, LogLevel.Warning, "The server refused a statement of the dump: {Error}")]
    public static partial void SqlFailed(ILogger logger, string error);
}
