using System.Text.Json;
using Granary.Api.Names;
using k8s;

namespace Granary.Worker.Reporting;

/// <summary>The file <c>output.json</c> in a step's output directory.</summary>
internal static class OutputFile
{
    /// <summary>Steps may run as different users, and a later one may replace an earlier one's result.</summary>
    private const UnixFileMode ForEveryone =
        UnixFileMode.UserRead
        | UnixFileMode.UserWrite
        | UnixFileMode.GroupRead
        | UnixFileMode.GroupWrite
        | UnixFileMode.OtherRead
        | UnixFileMode.OtherWrite;

    private const UnixFileMode FolderForEveryone =
        ForEveryone | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>Writes the file; a reader sees the old one or the new one, never a part.</summary>
    public static async Task WriteAsync(string directory, StepOutput output, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(directory))
        {
            Directory.CreateDirectory(directory);
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(directory, FolderForEveryone);
            }
        }

        var unfinished = Path.Combine(directory, $".{PodNames.OutputFile}.{Guid.NewGuid():N}");
        await File.WriteAllTextAsync(unfinished, KubernetesJson.Serialize(output), cancellationToken);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(unfinished, ForEveryone);
        }

        File.Move(unfinished, Path.Combine(directory, PodNames.OutputFile), overwrite: true);
    }

    /// <summary>Reads the file; null where no step wrote one.</summary>
    /// <exception cref="StepFailedException">It is not what a step writes.</exception>
    public static async Task<StepOutput?> ReadAsync(string directory, CancellationToken cancellationToken)
    {
        var path = Path.Combine(directory, PodNames.OutputFile);
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            return KubernetesJson.Deserialize<StepOutput>(await File.ReadAllTextAsync(path, cancellationToken));
        }
        catch (JsonException e)
        {
            throw new StepFailedException($"{path} is not the result of a step: {e.Message}", e);
        }
    }
}
