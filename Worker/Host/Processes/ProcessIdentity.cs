using System.Runtime.InteropServices;

namespace Granary.Worker.Processes;

/// <summary>The user and group that this process runs as, by number, and where its own number counts.</summary>
internal static partial class ProcessIdentity
{
    /// <summary>Numeric id of the user; 0 where the system has none.</summary>
    public static uint UserId => OperatingSystem.IsWindows() ? 0 : GetEffectiveUserId();

    /// <summary>Numeric id of the group; 0 where the system has none.</summary>
    public static uint GroupId => OperatingSystem.IsWindows() ? 0 : GetEffectiveGroupId();

    /// <summary>
    /// The running kernel and the namespace in which this process has its number: the same for processes that can see
    /// each other. Null where the system does not tell.
    /// </summary>
    public static string? Space
    {
        get
        {
            try
            {
                var kernel = File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();
                return new FileInfo("/proc/self/ns/pid").LinkTarget is { } space ? $"{kernel}/{space}" : null;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return null;
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "geteuid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial uint GetEffectiveUserId();

    [LibraryImport("libc", EntryPoint = "getegid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial uint GetEffectiveGroupId();
}
