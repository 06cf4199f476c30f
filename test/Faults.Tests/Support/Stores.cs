using Granary.Faults.Tests;
using Granary.Storage;
using Granary.Storage.Layouts;
using Granary.Storage.Local;
using Granary.Storage.S3;
using Granary.TestSupport;
using Granary.TestSupport.Servers;

[assembly: AssemblyFixture(typeof(Stores))]

namespace Granary.Faults.Tests;

/// <summary>The real stores of the loops: folders, and prefixes in a bucket of one S3 server.</summary>
public sealed class Stores : IAsyncLifetime
{
    private const string Bucket = "faults";
    private readonly TempDirectory _folder = new();
    private int _count;

    /// <summary>The S3 server.</summary>
    public MotoServer S3 { get; private set; } = null!; // set before any test runs

    public async ValueTask InitializeAsync()
    {
        S3 = await MotoServer.StartAsync();
        await S3.CreateBucketAsync(Bucket);
    }

    public async ValueTask DisposeAsync()
    {
        await S3.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>An empty place in a store.</summary>
    internal Place New(StoreKind kind)
    {
        var name = $"repository-{Interlocked.Increment(ref _count)}";
        return kind == StoreKind.Local ? Folder(_folder[name]) : Prefix(name, S3.Url);
    }

    /// <summary>A place in the bucket, as seen at another address, for example a proxy's.</summary>
    internal Place Prefix(string name, string url, S3Options? like = null)
    {
        var options = (like ?? new S3Options { Endpoint = url, Bucket = Bucket }) with
        {
            Endpoint = url,
            Bucket = Bucket,
            Prefix = name,
            AccessKeyId = new Secret(S3.AccessKey),
            SecretAccessKey = new Secret(S3.SecretKey),
        };
        var credentials = new Dictionary<string, string> { ["AWS_ACCESS_KEY_ID"] = S3.AccessKey, ["AWS_SECRET_ACCESS_KEY"] = S3.SecretKey };
        return new Place(S3Backend.Create(options, TimeProvider.System), $"s3:{S3.Url}/{Bucket}/{name}", credentials, (_, _) => Task.CompletedTask);
    }

    /// <summary>A place in a folder. A process that dies while it writes there leaves half a temporary file.</summary>
    internal static Place Folder(string path)
    {
        return new Place(LocalBackend.Create(new LocalOptions { Path = path }), path, new Dictionary<string, string>(), async (handle, content) =>
        {
            var half = new byte[content.Length / 2];
            content.Position = 0;
            await content.ReadExactlyAsync(half);
            var file = Path.Join(path, Layout.Default.PathOf(handle));
            Directory.CreateDirectory(Path.GetDirectoryName(file)!); // a file's path has a directory
            await File.WriteAllBytesAsync($"{file}-tmp-{Guid.NewGuid():N}", half);
        });
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
    IBackend Backend, string Location, IReadOnlyDictionary<string, string> Credentials, Func<FileHandle, Stream, Task> DieWriting) : IAsyncDisposable
{
    private static readonly FileKind[] s_listed = [FileKind.Key, FileKind.Pack, FileKind.Index, FileKind.Snapshot, FileKind.Lock];

    /// <summary>Every file that is there now.</summary>
    public async Task<List<FileHandle>> FilesAsync()
    {
        List<FileHandle> files = await Backend.SizeAsync(FileHandle.Config, CancellationToken.None) is null ? [] : [FileHandle.Config];
        foreach (var kind in s_listed)
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
            await Backend.SaveAsync(file.Key, new MemoryStream(file.Value, writable: false), SaveMode.Replace, token));
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
            await Parallel.ForEachAsync(await FilesAsync(), async (file, token) => await Backend.DeleteAsync(file, token));
        }

        await Backend.DisposeAsync();
    }
}
