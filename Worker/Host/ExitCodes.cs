using Granary.Engine;
using Granary.Storage;
using Granary.Worker.Processes;
using Granary.Worker.Streams;

namespace Granary.Worker;

/// <summary>What the program's exit status means; the same as restic's.</summary>
internal static class ExitCodes
{
    /// <summary>All went well; for a step of a Job also: its failure is in output.json.</summary>
    public const int Success = 0;

    /// <summary>The command failed.</summary>
    public const int Failed = 1;

    /// <summary>Some of the work was done: a snapshot could not be removed, a pack could not be read.</summary>
    public const int Incomplete = 3;

    /// <summary>There is no repository.</summary>
    public const int NoRepository = 10;

    /// <summary>Somebody else holds a lock.</summary>
    public const int Locked = 11;

    /// <summary>No key opens with the password.</summary>
    public const int WrongPassword = 12;

    /// <summary>Stopped by a signal.</summary>
    public const int Interrupted = 130;

    /// <summary>Whoever read the standard output has gone; what a shell says of a program that SIGPIPE ended.</summary>
    public const int OutputClosed = 141;

    /// <summary>The exit status for a failure.</summary>
    public static int For(Exception failure) =>
        failure switch
        {
            RepositoryNotFoundException => NoRepository,
            RepositoryLockedException => Locked,
            WrongPasswordException => WrongPassword,
            OperationCanceledException => Interrupted,
            OutputClosedException => OutputClosed,
            _ => Failed,
        };

    /// <summary>
    /// Whether a failure is one that is foreseen, so that its message says everything and a stack trace nothing.
    /// </summary>
    public static bool IsExpected(Exception failure) =>
        failure
            is StepFailedException
                or RepositoryException
                or StorageException
                or ToolException
                or OperationCanceledException
                // A full disk, a missing folder, a file that is not ours to read: the system's words name the file.
                or IOException
                or UnauthorizedAccessException;
}
