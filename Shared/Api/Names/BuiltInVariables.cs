namespace Granary.Api.Names;

/// <summary>
/// The variables of Tasks and Functions that the operator sets. A parameter of the same name would say where another's
/// backups are or what is deleted, so none may have one. Source: stash-behaviour §3.3.
/// </summary>
public static class BuiltInVariables
{
    private static readonly string[] Families =
    [
        "REPOSITORY_",
        "RETENTION_",
        "TARGET_",
        "INVOKER_",
        "STASH_",
        "GRANARY_",
        "PROMETHEUS_",
    ];

    private static readonly HashSet<string> Single = new(StringComparer.Ordinal)
    {
        "NAMESPACE",
        "BACKUP_SESSION",
        "RESTORE_SESSION",
        "HOSTNAME",
        "SOURCE_HOSTNAME",
        "RESTORE_SNAPSHOTS",
        "RESTORE_PATHS",
        "INCLUDE_PATTERNS",
        "EXCLUDE_PATTERNS",
        "DRIVER_ARGS",
        "INTERIM_DATA_DIR",
        "LICENSE_APISERVICE",
        "ADDON_IMAGE",
    };

    /// <summary>
    /// Those that a parameter may overwrite: they only tune how a step works (requests at a time, a cache).
    /// </summary>
    public static IReadOnlySet<string> Tunable { get; } =
        new HashSet<string>(StringComparer.Ordinal) { "MAX_CONNECTIONS", "ENABLE_CACHE" };

    /// <summary>
    /// Whether no parameter may have this name. The families are reserved whole, so that a variable that is not set
    /// (<c>RETENTION_KEEP_DAILY</c> without such a policy) cannot be set by a parameter either.
    /// </summary>
    public static bool IsReserved(string name) =>
        Single.Contains(name) || Array.Exists(Families, family => name.StartsWith(family, StringComparison.Ordinal));

    /// <summary>Why a parameter of a reserved name is refused.</summary>
    public static string Refusal(string name) => $"\"{name}\" is set by the operator and cannot be a parameter's name";
}
