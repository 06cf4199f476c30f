using Granary.Storage;
using Granary.Storage.Http;
using Granary.Storage.Rest;
using Granary.Storage.S3;
using Granary.TestSupport;
using Granary.TestSupport.Servers;

namespace Granary.Faults.Tests.Outages;

/// <summary>The line to a server breaks in the middle of an upload or a download.</summary>
public sealed class BrokenLineTests(Stores stores) : IAsyncLifetime
{
    // Soon enough for a test, and late enough that a store on a busy machine is not taken for one that stalls.
    private static readonly TransportOptions Impatient = new() { StallTimeout = TimeSpan.FromSeconds(5) };
    private static readonly TransportOptions Patient = new();

    private readonly TempDirectory _folder = new();
    private RestServer _rest = null!; // set before any test runs

    public static TheoryData<string, LineFault, int> Breaks
    {
        get
        {
            var data = new TheoryData<string, LineFault, int>();
            foreach (var fault in Enum.GetValues<LineFault>())
            {
                data.Add("s3", fault, 100_000 + ((int)fault * 900_000));
                data.Add("rest", fault, 1_900_000 - ((int)fault * 900_000));
            }

            return data;
        }
    }

    public async ValueTask InitializeAsync() => _rest = await RestServer.StartAsync(_folder.Path);

    public async ValueTask DisposeAsync()
    {
        await _rest.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(Breaks))]
    public async Task A_backup_goes_on_after_the_line_broke(string store, LineFault fault, int bytes)
    {
        var (direct, proxy, far) = await OpenAsync(store, fault);
        await using (direct)
        await using (proxy)
        await using (far)
        {
            proxy.BreakAfter(isUpload: true, bytes, fault);

            await OutageBench.BackupAsync(OutageBench.Retrying(far), Sample.Living);

            Assert.False(proxy.IsFaultAhead);
            await OutageBench.NothingIsLostAsync(direct, "0", "new");
        }
    }

    [Theory]
    [MemberData(nameof(Breaks))]
    public async Task A_dump_goes_on_after_the_line_broke(string store, LineFault fault, int bytes)
    {
        var (direct, proxy, far) = await OpenAsync(store, fault);
        await using (direct)
        await using (proxy)
        await using (far)
        {
            proxy.BreakAfter(isUpload: false, bytes, fault);

            await OutageBench.DumpAsync(OutageBench.Retrying(far), Sample.Living);

            Assert.False(proxy.IsFaultAhead);
        }
    }

    [Theory]
    [MemberData(nameof(Breaks))]
    public async Task Without_retries_it_is_a_passing_fault_of_a_named_file_and_nothing_is_lost(
        string store,
        LineFault fault,
        int bytes
    )
    {
        var (direct, proxy, far) = await OpenAsync(store, fault);
        await using (direct)
        await using (proxy)
        await using (far)
        {
            proxy.BreakAfter(isUpload: true, bytes, fault);
            var upload = await Record.ExceptionAsync(() => OutageBench.BackupAsync(far, Sample.Doomed));
            Assert.False(proxy.IsFaultAhead);
            var download = await DownloadFailureAsync();

            // .NET's HTTP client sends a request again by itself when its connection was closed before the body was
            // asked for.
            if (fault != LineFault.Close)
            {
                Assert.NotNull(upload);
                Assert.NotNull(download);
            }

            foreach (
                var failure in ((Exception?[])[upload, download])
                    .OfType<Exception>()
                    .Select(Assert.IsType<StorageException>)
            )
            {
                Assert.True(failure.IsTransient, failure.ToString());
                Assert.Contains($"{failure.Handle}", failure.Message, StringComparison.Ordinal);
                Assert.Equal(FileKind.Pack, failure.Handle?.Kind);
            }

            await OutageBench.NothingIsLostAsync(direct, "0");
        }

        // The client also asks again by itself when a reset took what had come of the answer before it was read, as on
        // a busy machine.
        async Task<Exception?> DownloadFailureAsync()
        {
            Exception? failure = null;
            for (var attempt = 0; failure is null && attempt < 10; attempt++)
            {
                proxy.BreakAfter(isUpload: false, bytes, fault);
                failure = await Record.ExceptionAsync(() => OutageBench.DumpAsync(far, Sample.Doomed));
                Assert.False(proxy.IsFaultAhead);
            }

            return failure;
        }
    }

    /// <summary>A repository with one snapshot, a proxy before its server, and the backend through that.</summary>
    private async Task<(Place Direct, FaultyProxy Proxy, IBackend Far)> OpenAsync(string store, LineFault fault)
    {
        var transport = fault == LineFault.Stall ? Impatient : Patient;
        var name = $"line-{Guid.NewGuid():N}";
        var server = new Uri(store == "s3" ? (await stores.S3Async()).Url : _rest.Url);
        var proxy = FaultyProxy.Start("127.0.0.1", 0, server.Host, server.Port);
        Place direct;
        IBackend far;
        if (store == "s3")
        {
            direct = await stores.PrefixAsync(name);
            var options = new S3Options
            {
                Endpoint = "",
                Bucket = "",
                Transport = transport,
                Connections = 2,
            };
            far = (await stores.PrefixAsync(name, $"http://127.0.0.1:{proxy.Port}", options)).Backend;
        }
        else
        {
            direct = new Place(
                Rest(_rest.Url, name, Patient),
                $"rest:{_rest.Url}{name}/",
                new Dictionary<string, string>(),
                (_, _) => Task.CompletedTask
            );
            far = Rest($"http://127.0.0.1:{proxy.Port}/", name, transport);
            await direct.Backend.PrepareAsync(TestContext.Current.CancellationToken);
        }

        await direct.PutAsync(await OutageBench.Sample.FilesAsync(1));
        return (direct, proxy, far);
    }

    private static RestBackend Rest(string url, string name, TransportOptions transport) =>
        RestBackend.Create(
            new RestOptions
            {
                Url = $"{url}{name}",
                Transport = transport,
                Connections = 2,
            },
            TimeProvider.System
        );
}
