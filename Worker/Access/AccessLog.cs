using Microsoft.Extensions.Logging;

namespace Granary.Access;

/// <summary>Messages about the way to a repository. Ids 3010 to 3019.</summary>
internal static partial class AccessLog
{
    [LoggerMessage(
        AccessEventId.StorageRetry,
        LogLevel.Warning,
        "Storage: {Operation} failed (try {Attempt}), again in {Seconds:0.0} s: {Error}"
    )]
    public static partial void StorageRetry(
        this ILogger logger,
        string operation,
        int attempt,
        double seconds,
        string error
    );
}
