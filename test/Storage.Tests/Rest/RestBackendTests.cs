using Granary.Storage.Contract;
using Granary.Storage.Http;
using Granary.Storage.Rest;

namespace Granary.Storage.Tests.Rest;

/// <summary>The contract on rest-server.</summary>
public sealed class RestBackendTests(RestFixture rest) : BackendContractTests, IClassFixture<RestFixture>
{
    private readonly string _store = Guid.NewGuid().ToString("N");

    // The whole listing is one reply, however long.
    protected override int ManyFiles => 300;

    // Two uploads of one name may both find it free; the server renames the last one into place, whole.
    protected override bool CreateOnlyIsAtomic => false;

    protected override IReadOnlyList<string> Credentials =>
        [RestFixture.Password, Uri.EscapeDataString(RestFixture.Password)];

    protected override IBackend Open(string prefix = "backups/shop") =>
        RestBackend.Create(
            new RestOptions
            {
                Url = $"{rest.Url}{_store}/{Uri.EscapeDataString(FolderOf(prefix))}",
                UserName = RestFixture.User,
                Password = new Secret(RestFixture.Password),
                Transport = new TransportOptions { CaCertificate = rest.CaCertificate },
            },
            TimeProvider.System
        );

    protected override Task AddForeignAsync(string relativePath, byte[] content) =>
        File.WriteAllBytesAsync(rest.Folder[$"{_store}/{FolderOf("backups/shop")}/{relativePath}"], content, Cancel);

    // rest-server takes two levels of folders at most.
    private static string FolderOf(string prefix) => prefix.Trim('/').Replace('/', '-');
}
