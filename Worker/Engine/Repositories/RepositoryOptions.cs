using Granary.Engine.Repositories.Locking;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Granary.Engine.Repositories;

/// <summary>How a repository is opened.</summary>
public record OpenOptions
{
    /// <summary>The name of the key file to try first, or its beginning, if it is known.</summary>
    public string? KeyHint { get; init; }

    /// <summary>The clock. Default: the system's.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Where messages go. Default: nowhere.</summary>
    public ILogger Logger { get; init; } = NullLogger.Instance;
}

/// <summary>How a repository is made.</summary>
public sealed record InitOptions : OpenOptions
{
    /// <summary>Format version, 1 or 2. Default: 2.</summary>
    public int Version { get; init; } = 2;

    /// <summary>Host name to note in the key file.</summary>
    public string Hostname { get; init; } = "";

    /// <summary>User name to note in the key file.</summary>
    public string Username { get; init; } = "";

    /// <summary>The cost of the password's key. Default: <see cref="KeyCost.Default"/>.</summary>
    public KeyCost Cost { get; init; } = KeyCost.Default;

    // Files that others save at the same moment show within this, where a store's listings lag; tests do without.
    internal TimeSpan SettleTime { get; init; } = LockTimes.SettleTime;
}

/// <summary>scrypt's cost. Memory is 128·N·r bytes. Source: repository format §5.2.</summary>
/// <param name="N">A power of two above 1.</param>
/// <param name="R">Block size.</param>
/// <param name="P">Repetitions; costs time only.</param>
public sealed record KeyCost(int N, int R, int P)
{
    /// <summary>N = 32768, r = 8, p = 4: 32 MiB and about a fifth of a second.</summary>
    public static KeyCost Default { get; } = new(32768, 8, 4);
}
