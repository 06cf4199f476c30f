using Npgsql;

namespace Granary.Worker.Postgres.Connecting;

/// <summary>libpq's values of <c>sslmode</c>.</summary>
internal static class SslModes
{
    /// <summary>Every value that libpq knows.</summary>
    public static IReadOnlyList<string> All { get; } =
    ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"];

    /// <summary>Npgsql's name for a mode; null for none.</summary>
    /// <exception cref="StepFailedException">There is no such mode.</exception>
    public static SslMode? ToNpgsql(string? mode) =>
        mode switch
        {
            null or "" => null,
            "disable" => SslMode.Disable,
            "allow" => SslMode.Allow,
            "prefer" => SslMode.Prefer,
            "require" => SslMode.Require,
            "verify-ca" => SslMode.VerifyCA,
            "verify-full" => SslMode.VerifyFull,
            _ => throw new StepFailedException($"sslmode '{mode}' is not one of {string.Join(", ", All)}"),
        };
}
