using Granary.Storage.Layouts;

namespace Granary.Storage.Tests.Core;

public class LayoutTests
{
    private static readonly string Name = "3f" + new string('0', 62);

    [Fact]
    public void Packs_lie_one_level_deeper_and_flat_at_rest_servers()
    {
        var pack = new FileHandle(FileKind.Pack, Name);

        Assert.Equal($"data/3f/{Name}", Layout.Default.PathOf(pack));
        Assert.Equal($"data/{Name}", Layout.Flat.PathOf(pack));
        Assert.Equal($"snapshots/{Name}", Layout.Default.PathOf(new FileHandle(FileKind.Snapshot, Name)));
        Assert.Equal("config", Layout.Default.PathOf(FileHandle.Config));
    }

    [Theory]
    [InlineData(null, "")]
    [InlineData("/", "")]
    [InlineData("/demo/shop/", "demo/shop/")]
    [InlineData("a//./b", "a/b/")]
    public void A_prefix_is_cleaned(string? prefix, string expected) =>
        Assert.Equal(expected, new ObjectNames(prefix, "s3:bucket").Prefix);

    [Fact]
    public void A_prefix_that_leads_upwards_is_refused_by_name()
    {
        var error = Assert.Throws<StorageException>(() => new ObjectNames("a/../b", "s3:bucket"));

        Assert.Equal(StorageError.Invalid, error.Error);
        Assert.Equal("s3:bucket: the prefix 'a/../b' must not contain '..'", error.Message);
    }

    [Fact]
    public void An_object_out_of_its_place_is_not_an_entry()
    {
        var names = new ObjectNames("p", "s3:bucket");

        Assert.Equal(new FileEntry(Name, 5), names.EntryFor(FileKind.Pack, $"p/data/3f/{Name}", 5));
        Assert.Null(names.EntryFor(FileKind.Pack, $"p/data/{Name}", 5));
        Assert.Null(names.EntryFor(FileKind.Pack, $"p/data/00/{Name}", 5));
        Assert.Null(names.EntryFor(FileKind.Key, $"p/keys/sub/{Name}", 5));
    }
}
