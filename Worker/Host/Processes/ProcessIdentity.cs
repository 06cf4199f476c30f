using System.Runtime.InteropServices;

namespace Granary.Worker.Processes;

/// <summary>The user and group that this process runs as, by number.</summary>
internal static partial class ProcessIdentity
{
    /// <summary>Numeric id of the user; 0 where the system has none.</summary>
    public static uint UserId => OperatingSystem.IsWindows() ? 0 : GetEffectiveUserId();

    /// <summary>Numeric id of the group; 0 where the system has none.</summary>
    public static uint GroupId => OperatingSystem.IsWindows() ? 0 : GetEffectiveGroupId();

    [LibraryImport("libc", EntryPoint = "geteuid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial uint GetEffectiveUserId();

    [LibraryImport("libc", EntryPoint = "getegid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial uint GetEffectiveGroupId();
}
