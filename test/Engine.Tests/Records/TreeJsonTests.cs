using System.Text;
using System.Text.Json;
using Granary.Engine.Ids;
using Granary.Engine.Records;

namespace Granary.Engine.Tests.Records;

public sealed class TreeJsonTests
{
    [Fact]
    public void Unknown_members_are_skipped_wherever_they_are()
    {
        var nodes = Read(
            """
            {"before":{"a":[1,{"b":null}]},"nodes":[{"name":"a","type":"file","extended_attributes":[{"name":"x",
            "value":"eA=="}],
            "generic_attributes":{"windows.x":[1]},
            "content":["5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03"],"size":6}],"after":true}
            """
        );

        var node = Assert.Single(nodes);
        Assert.Equal("a", node.DisplayName);
        Assert.Equal(6ul, node.Size);
        Assert.Equal(1, node.Content!.Count);
    }

    [Theory]
    [InlineData("""{"nodes":null}""")]
    [InlineData("""{"nodes":[]}""")]
    [InlineData("{}")]
    public void Empty_directories_have_no_nodes(string json) => Assert.Empty(Read(json));

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("""{"nodes":[{"name":"a"]}""")]
    [InlineData("""{"nodes":[{"name":"a","content":["12"]}]}""")]
    [InlineData("""{"nodes":[]}{"nodes":[]}""")]
    public void What_is_not_a_tree_is_refused(string json) => Assert.ThrowsAny<JsonException>(() => Read(json));

    [Fact]
    public void A_directory_of_many_small_files_takes_little_memory()
    {
        const int files = 20_000;
        var nodes = Enumerable
            .Range(0, files)
            .Select(i =>
            {
                var content = new Sha256IdList();
                content.Add(Sha256Id.Of(BitConverter.GetBytes(i)));
                return new TreeNode
                {
                    Name = Encoding.UTF8.GetBytes($"{i:d8}"),
                    Type = TreeNode.File,
                    Size = 1,
                    Content = content,
                };
            });
        using var json = new MemoryStream();
        TreeJson.Write([.. nodes], json);
        json.Position = 0;
        var before = GC.GetAllocatedBytesForCurrentThread();

        var read = TreeJson.Read(json);

        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / read.Count, 1, 2048);
    }

    [Fact]
    public void A_list_longer_than_every_buffer_comes_back()
    {
        var content = new Sha256IdList();
        for (var i = 0; i < 20_000; i++)
        {
            content.Add(Sha256Id.Of(BitConverter.GetBytes(i)));
        }

        var node = new TreeNode
        {
            Name = "db.sql"u8.ToArray(),
            Type = TreeNode.File,
            Size = ulong.MaxValue,
            Content = content,
        };
        using var json = new MemoryStream();
        TreeJson.Write([node], json);
        json.Position = 0;

        var read = Assert.Single(TreeJson.Read(json));

        Assert.Equal(ulong.MaxValue, read.Size);
        Assert.Equal(20_000, read.Content!.Count);
        Assert.All(Enumerable.Range(0, 20_000), i => Assert.Equal(content[i], read.Content[i]));
    }

    [Fact]
    public void Large_numbers_and_directories_are_written_exactly()
    {
        var subtree = BlobId.Of("x"u8);
        var node = new TreeNode
        {
            Name = "pg"u8.ToArray(),
            Type = TreeNode.Directory,
            Mode = TreeJson.DirectoryMode,
            Subtree = subtree,
        };
        using var json = new MemoryStream();

        TreeJson.Write([node], json);

        Assert.Equal(
            $$"""{"nodes":[{"name":"pg","type":"dir","mode":2147484141,"mtime":"0001-01-01T00:00:"""
                + $$"""00Z","atime":"0001-01-01T00:00:00Z","ctime":"0001-01-01T00:00:00Z","uid":0,"gid":"""
                + $$"""0,"content":null,"subtree":"{{subtree}}"}]}"""
                + "\n",
            Encoding.UTF8.GetString(json.ToArray())
        );
    }

    private static List<TreeNode> Read(string json) => TreeJson.Read(new MemoryStream(Encoding.UTF8.GetBytes(json)));
}
