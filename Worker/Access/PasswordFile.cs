using Granary.Storage;

namespace Granary.Access;

/// <summary>Reads a password that a person keeps in a file, or has a program print.</summary>
/// <remarks>
/// Editors end files with a line break and programs their output. So white space around a password is not part of it,
/// nor is a byte order mark. As in restic: a password that only one of the two takes would lock the other out. Source:
/// repository format §5.2.
/// </remarks>
public static class PasswordFile
{
    /// <summary>The password in a file.</summary>
    /// <param name="name">The name of the flag or variable that names the file.</param>
    /// <param name="path">The file.</param>
    /// <param name="redactor">Learns the password.</param>
    /// <exception cref="StepFailedException">The file cannot be read, or holds no password.</exception>
    public static Secret Read(string name, string path, Redactor redactor)
    {
        try
        {
            return Trimmed(File.ReadAllText(path), $"{name}: {path}", redactor);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StepFailedException($"{name}: {e.Message}", e);
        }
    }

    /// <summary>The password in a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="source">Where it is from, for messages.</param>
    /// <param name="redactor">Learns the password.</param>
    /// <exception cref="StepFailedException">There is nothing but white space.</exception>
    public static Secret Trimmed(string text, string source, Redactor redactor)
    {
        var password = Readable(text.TrimStart('\uFEFF').Trim(), source);
        if (password.Length == 0)
        {
            throw new StepFailedException($"{source} holds no password; an empty one is not allowed");
        }

        redactor.Add(password);
        return new Secret(password);
    }

    /// <summary>The password itself, if every byte of it was understood as text.</summary>
    /// <remarks>
    /// restic takes any bytes. A replacement for bytes that are no text would be another password, which restic could
    /// not give.
    /// </remarks>
    /// <param name="password">The password.</param>
    /// <param name="source">Where it is from, for messages.</param>
    /// <exception cref="StepFailedException">There are bytes in it that are not UTF-8.</exception>
    public static string Readable(string password, string source) =>
        !password.Contains('\uFFFD')
            ? password
            : throw new StepFailedException(
                $"{source} holds a password that is not UTF-8 text, which is not supported. To a repository that was "
                    + "made with it, restic key add adds another"
            );
}
