using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Granary.Engine.Ids;
using Granary.Engine.Indexing;
using Granary.Engine.Records;
using Granary.Engine.Repositories;
using Granary.Engine.Restoring;
using Granary.Storage;
using Granary.Storage.Local;
using Granary.TestSupport;

namespace Granary.Engine.Tests.Repositories;

public sealed class GoldenRepositoryTests : IDisposable
{
    private readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Every_password_opens(int number)
    {
        var vector = Vector(number);
        await using var backend = Unpack(vector);

        foreach (var password in vector["passwords"]!.AsArray())
        {
            var repository = await Repository.OpenAsync(
                backend,
                new Secret(password!.Text("password")),
                new OpenOptions { KeyHint = password!.Text("key_file") },
                TestContext.Current.CancellationToken
            );

            Assert.Equal(vector.Text("repository_id"), repository.Id);
            Assert.Equal(vector.Number("version"), repository.Version);
        }

        await Assert.ThrowsAsync<WrongPasswordException>(() =>
            Repository.OpenAsync(backend, new Secret("wrong"), new OpenOptions(), TestContext.Current.CancellationToken)
        );
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Snapshots_are_read_and_written_alike(int number)
    {
        var vector = Vector(number);
        await using var backend = Unpack(vector);
        var repository = await OpenAsync(backend, vector);

        var snapshots = await repository.SnapshotsAsync(SnapshotFilter.All, TestContext.Current.CancellationToken);

        Assert.Equal(
            vector["snapshot_documents"]!
                .AsObject()
                .ToDictionary(each => each.Key, each => each.Value!.GetValue<string>()),
            snapshots.ToDictionary(
                each => each.Id.ToString(),
                each => Encoding.UTF8.GetString(SnapshotJson.ToJson(each.Record))
            )
        );
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task The_index_names_every_blob(int number)
    {
        var vector = Vector(number);
        await using var backend = Unpack(vector);
        var indexed = await (await OpenAsync(backend, vector)).LoadIndexAsync(TestContext.Current.CancellationToken);

        foreach (var (pack, content) in vector["packs"]!.AsObject())
        {
            foreach (var blob in content!["blobs"]!.AsArray())
            {
                var type = blob![0]!.GetValue<string>() == "tree" ? BlobType.Tree : BlobType.Data;
                var places = indexed.Index.Find(new BlobHandle(type, BlobId.Parse(blob[1]!.GetValue<string>())));
                var place = Assert.Single(places, each => each.Pack.ToString() == pack);
                Assert.Equal(blob[2]!.GetValue<uint>(), place.Entry.Offset);
                Assert.Equal(blob[3]!.GetValue<uint>(), place.Entry.Length);
                Assert.Equal(blob[4]!.GetValue<uint>(), place.Entry.UncompressedLength);
            }
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Every_stream_comes_back(int number)
    {
        var vector = Vector(number);
        await using var backend = Unpack(vector);
        var repository = await OpenAsync(backend, vector);
        var indexed = await repository.LoadIndexAsync(TestContext.Current.CancellationToken);

        foreach (
            var expected in vector["snapshots"]!
                .AsArray()
                .Where(each => each!["path"] is not null && each["empty_tree"] is null)
        )
        {
            var snapshot = await repository.FindSnapshotAsync(
                expected!.Text("id"),
                SnapshotFilter.All,
                TestContext.Current.CancellationToken
            );
            using var content = new MemoryStream();
            var result = await indexed.DumpAsync(
                snapshot,
                expected!.Text("path"),
                content,
                new DumpOptions(),
                null,
                TestContext.Current.CancellationToken
            );

            Assert.Equal(expected!.Number("size"), result.Bytes);
            Assert.Equal(expected!.Text("sha256"), Convert.ToHexStringLower(SHA256.HashData(content.ToArray())));
            var proof = await indexed.VerifySnapshotAsync(snapshot.Id, TestContext.Current.CancellationToken);
            Assert.Equal(result.Bytes, proof.Bytes);
        }

        Assert.Equal(0, repository.Buffers.Rented);
    }

    [Fact]
    public async Task Files_of_a_directory_snapshot_are_listed_and_read()
    {
        var vector = Vector(1);
        await using var backend = Unpack(vector);
        var repository = await OpenAsync(backend, vector);
        var indexed = await repository.LoadIndexAsync(TestContext.Current.CancellationToken);
        var expected = vector["snapshots"]!.AsArray().Single(each => each!["files"] is not null)!;
        var snapshot = await repository.FindSnapshotAsync(
            expected.Text("id")[..8],
            SnapshotFilter.All,
            TestContext.Current.CancellationToken
        );

        var files = await indexed
            .FilesAsync(snapshot, TestContext.Current.CancellationToken)
            .ToListAsync(TestContext.Current.CancellationToken);

        Assert.Equal(files.Select(each => each.Path).Order(StringComparer.Ordinal), files.Select(each => each.Path));
        foreach (var (path, content) in expected["files"]!.AsObject())
        {
            Assert.Contains(files, each =>
                each.Path == path && each.Type == "file" && each.Size == content!.GetValue<string>().Length / 2
            );
            using var read = new MemoryStream();
            await indexed.DumpAsync(
                snapshot,
                path,
                read,
                new DumpOptions(),
                null,
                TestContext.Current.CancellationToken
            );
            Assert.Equal(content!.GetValue<string>(), Convert.ToHexStringLower(read.ToArray()));
        }

        await Assert.ThrowsAsync<PathNotFoundException>(() =>
            indexed.DumpAsync(
                snapshot,
                "/src",
                Stream.Null,
                new DumpOptions(),
                null,
                TestContext.Current.CancellationToken
            )
        );
        await Assert.ThrowsAsync<PathNotFoundException>(() =>
            indexed.DumpAsync(
                snapshot,
                "/nothing/here",
                Stream.Null,
                new DumpOptions(),
                null,
                TestContext.Current.CancellationToken
            )
        );
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Trees_of_stdin_snapshots_are_written_alike(int number)
    {
        var vector = Vector(number);
        await using var backend = Unpack(vector);
        var indexed = await (await OpenAsync(backend, vector)).LoadIndexAsync(TestContext.Current.CancellationToken);

        foreach (var (id, document) in vector["tree_documents"]!.AsObject())
        {
            var text = document!.GetValue<string>();
            var nodes = await indexed.Trees.ReadAsync(
                BlobId.Parse(id),
                "the test",
                TestContext.Current.CancellationToken
            );
            using var written = new MemoryStream();
            TreeJson.Write(nodes, written);

            // Directory backups have members (user, inode …) that streams lack.
            if (!text.Contains("\"inode\"", StringComparison.Ordinal))
            {
                Assert.Equal(text, Encoding.UTF8.GetString(written.ToArray()));
            }
        }
    }

    private static JsonNode Vector(int number) => Vectors.Load("repos.json")["repositories"]![number]!;

    private static Task<OpenRepository> OpenAsync(IBackend backend, JsonNode vector) =>
        Repository.OpenAsync(
            backend,
            new Secret("cheap-password"),
            new OpenOptions
            {
                KeyHint = vector["passwords"]!
                    .AsArray()
                    .Single(each => each!.Text("password") == "cheap-password")!
                    .Text("key_file"),
            },
            TestContext.Current.CancellationToken
        );

    private LocalBackend Unpack(JsonNode vector)
    {
        using var gzip = new GZipStream(
            File.OpenRead(Path.Combine(Vectors.Folder, vector.Text("file"))),
            CompressionMode.Decompress
        );
        TarFile.ExtractToDirectory(gzip, _folder.Path, overwriteFiles: true);
        return LocalBackend.Create(
            new LocalOptions { Path = _folder[vector.Text("file").Split('.')[0]] },
            TimeProvider.System
        );
    }
}
