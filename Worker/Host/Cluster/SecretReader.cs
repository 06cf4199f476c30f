namespace Granary.Worker.Cluster;

/// <summary>Reads Secrets: from the folder where one is mounted, else through the API.</summary>
internal sealed class SecretReader(Func<ClusterClient> cluster)
{
    /// <summary>Reads a Secret's data.</summary>
    /// <param name="directory">Where it is mounted, one file per key; null where it is not.</param>
    /// <param name="namespace">Its namespace, for the API.</param>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    /// <exception cref="StepFailedException">It is nowhere.</exception>
    public async Task<IReadOnlyDictionary<string, byte[]>> ReadAsync(
        string? directory,
        string @namespace,
        string name,
        CancellationToken cancellationToken
    )
    {
        if (directory is not null && Directory.Exists(directory))
        {
            return await ReadFolderAsync(directory, cancellationToken);
        }

        return await cluster().FindSecretAsync(@namespace, name, cancellationToken)
            ?? throw new StepFailedException($"Secret {@namespace}/{name} does not exist");
    }

    /// <summary>Reads a mounted Secret. Kubernetes' own entries begin with two dots.</summary>
    public static async Task<IReadOnlyDictionary<string, byte[]>> ReadFolderAsync(
        string directory,
        CancellationToken cancellationToken
    )
    {
        var data = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        try
        {
            foreach (var file in Directory.EnumerateFiles(directory))
            {
                if (!Path.GetFileName(file).StartsWith("..", StringComparison.Ordinal))
                {
                    data[Path.GetFileName(file)] = await File.ReadAllBytesAsync(file, cancellationToken);
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StepFailedException($"The Secret mounted at {directory} cannot be read: {e.Message}", e);
        }

        return data;
    }
}
