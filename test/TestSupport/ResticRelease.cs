namespace Granary.TestSupport;

/// <summary>A release of the reference program, and the exit statuses by which it tells failures apart.</summary>
/// <param name="Program">Its name in <c>.tools/bin</c>.</param>
/// <param name="LockedExitCode">Somebody else holds a lock.</param>
/// <param name="WrongPasswordExitCode">No key opens with the password.</param>
public sealed record ResticRelease(string Program, int LockedExitCode, int WrongPasswordExitCode)
{
    /// <summary>The newest that Debian has.</summary>
    public static ResticRelease Current { get; } = new("restic", 11, 12);

    /// <summary>Debian 12's. Every failure ends with 1.</summary>
    public static ResticRelease Old { get; } = new("restic-0.14", 1, 1);
}
