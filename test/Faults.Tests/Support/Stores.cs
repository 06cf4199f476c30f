using Granary.Storage;
using Granary.Storage.Layouts;
using Granary.Storage.Local;
using Granary.Storage.S3;
using Granary.TestSupport;
using Granary.TestSupport.Servers;

[assembly: AssemblyFixture(typeof(Granary.Faults.Tests.Stores))]

namespace Granary.Faults.Tests;

/// <summary>
/// The real stores of the loops: folders, and prefixes in a bucket of one S3 server, which starts when it is first
/// needed.
/// </summary>
public sealed class Stores : IAsyncDisposable
{
    private const string Bucket = "faults";
    private readonly TempDirectory _folder = new();
    private readonly Lazy<Task<MotoServer>> _s3 = new(StartS3Async);
    private int _count;

    public async ValueTask DisposeAsync()
    {
        if (_s3.IsValueCreated)
        {
            await (await _s3.Value).DisposeAsync();
        }

        _folder.Dispose();
    }

    /// <summary>The S3 server.</summary>
    public Task<MotoServer> S3Async() => _s3.Value;

    /// <summary>An empty place in a store.</summary>
    internal async Task<Place> NewAsync(StoreKind kind)
    {
        var name = $"repository-{Interlocked.Increment(ref _count)}";
        return kind == StoreKind.Local ? Folder(_folder[name]) : await PrefixAsync(name);
    }

    /// <summary>A place in the bucket.</summary>
    /// <param name="name">The prefix.</param>
    /// <param name="url">Where the backend finds the server: its own address, or one of a proxy before it.</param>
    /// <param name="like">Further options.</param>
    internal async Task<Place> PrefixAsync(string name, string? url = null, S3Options? like = null)
    {
        var server = await _s3.Value;
        url ??= server.Url;
        var options = (like ?? new S3Options { Endpoint = url, Bucket = Bucket }) with
        {
            Endpoint = url,
            Bucket = Bucket,
            Prefix = name,
            AccessKeyId = new Secret(server.AccessKey),
            SecretAccessKey = new Secret(server.SecretKey),
        };
        var credentials = new Dictionary<string, string>
        {
            ["AWS_ACCESS_KEY_ID"] = server.AccessKey,
            ["AWS_SECRET_ACCESS_KEY"] = server.SecretKey,
        };
        return new Place(
            S3Backend.Create(options, TimeProvider.System),
            $"s3:{server.Url}/{Bucket}/{name}",
            credentials,
            (_, _) => Task.CompletedTask
        );
    }

    /// <summary>A place in a folder. A process that dies while it writes there leaves half a temporary file.</summary>
    internal static Place Folder(string path)
    {
        return new Place(
            LocalBackend.Create(new LocalOptions { Path = path }, TimeProvider.System),
            path,
            new Dictionary<string, string>(),
            async (handle, content) =>
            {
                var half = new byte[content.Length / 2];
                content.Position = 0;
                await content.ReadExactlyAsync(half);
                var file = Path.Join(path, Layout.Default.PathOf(handle));
                Directory.CreateDirectory(Path.GetDirectoryName(file)!); // a file's path has a directory
                await File.WriteAllBytesAsync($"{file}-tmp-{Guid.NewGuid():N}", half);
            }
        );
    }

    private static async Task<MotoServer> StartS3Async()
    {
        var server = await MotoServer.StartAsync();
        await server.CreateBucketAsync(Bucket);
        return server;
    }
}

/// <summary>Which store a test uses.</summary>
public enum StoreKind
{
    /// <summary>A folder on disk.</summary>
    Local,

    /// <summary>A prefix in a bucket of a real server.</summary>
    S3,
}

/// <summary>A place for one repository. Emptied at the end.</summary>
/// <param name="Backend">The store, without retries.</param>
/// <param name="Location">As restic writes it.</param>
/// <param name="Credentials">What restic needs in its environment.</param>
/// <param name="DieWriting">What a process that dies in a save leaves there.</param>
internal sealed record Place(
    IBackend Backend,
    string Location,
    IReadOnlyDictionary<string, string> Credentials,
    Func<FileHandle, Stream, Task> DieWriting
) : IAsyncDisposable
{
    private static readonly FileKind[] Listed =
    [
        FileKind.Key,
        FileKind.Pack,
        FileKind.Index,
        FileKind.Snapshot,
        FileKind.Lock,
    ];

    /// <summary>Every file that is there now.</summary>
    public async Task<List<FileHandle>> FilesAsync()
    {
        List<FileHandle> files = await Backend.SizeAsync(FileHandle.Config, CancellationToken.None) is null
            ? []
            : [FileHandle.Config];
        foreach (var kind in Listed)
        {
            await foreach (var file in Backend.ListAsync(kind, CancellationToken.None))
            {
                files.Add(new FileHandle(kind, file.Name));
            }
        }

        return files;
    }

    /// <summary>Stores files as they are.</summary>
    public async Task PutAsync(IEnumerable<KeyValuePair<FileHandle, byte[]>> files)
    {
        if (Backend is LocalBackend)
        {
            Directory.CreateDirectory(Location);
        }

        await Parallel.ForEachAsync(files, async (file, token) =>
            await Backend.SaveAsync(file.Key, new MemoryStream(file.Value, writable: false), SaveMode.Replace, token)
        );
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Backend is LocalBackend)
        {
            Directory.Delete(Location, recursive: true);
        }
        else
        {
            await Parallel.ForEachAsync(await FilesAsync(), async (file, token) =>
                await Backend.DeleteAsync(file, token)
            );
        }

        await Backend.DisposeAsync();
    }
}
