using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace Granary.Worker.Processes;

/// <summary>
/// Applies <c>runtimeSettings.container.nice</c> and <c>ionice</c>, which arrive as environment variables.
/// </summary>
/// <remarks>
/// Linux keeps both per thread; threads and processes that start later inherit them, so this runs first.
/// </remarks>
internal static partial class ProcessPriority
{
    private const int OfThread = 0;
    private const int IoOfThread = 1;
    private const int IoClassShift = 13;

    /// <summary>Applies what the variables ask for; a refusal is a warning.</summary>
    public static void Apply(Func<string, string?> variable, ILogger log)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        var nice = Number(variable("NICE_ADJUSTMENT"));
        var ioClass = Number(variable("IONICE_CLASS"));
        if (nice is null && ioClass is null)
        {
            return;
        }

        var isRefused = false;
        foreach (
            var thread in Directory
                .EnumerateDirectories("/proc/self/task")
                .Select(path => int.Parse(Path.GetFileName(path), CultureInfo.InvariantCulture))
        )
        {
            isRefused |= nice is { } level && SetPriority(OfThread, thread, level) != 0;
            if (ioClass is { } @class && IoPrioritySet is { } call)
            {
                var data = Number(variable("IONICE_CLASS_DATA")) ?? 0;
                isRefused |= SystemCall(call, IoOfThread, thread, (@class << IoClassShift) | data) != 0;
            }
        }

        if (isRefused)
        {
            log.PriorityRefused();
        }
    }

    /// <summary>The number of <c>ioprio_set</c>, which the C library does not wrap.</summary>
    private static nint? IoPrioritySet =>
        RuntimeInformation.ProcessArchitecture switch
        {
            Architecture.X64 => 251,
            Architecture.Arm64 => 30,
            _ => null,
        };

    private static int? Number(string? text) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;

    [LibraryImport("libc", EntryPoint = "setpriority")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetPriority(int which, int who, int priority);

    [LibraryImport("libc", EntryPoint = "syscall")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint SystemCall(nint number, nint which, nint who, nint priority);
}
