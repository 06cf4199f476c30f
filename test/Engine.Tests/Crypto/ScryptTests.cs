using System.Text;
using System.Text.Json.Nodes;
using Granary.Engine.Crypto;
using Granary.Engine.Ids;
using Granary.Engine.Records;

namespace Granary.Engine.Tests.Crypto;

public sealed class ScryptTests
{
    private static readonly JsonArray Given = Vectors.Load("crypto.json")["kdf"]!.AsArray();

    public static TheoryData<int> All => [.. Enumerable.Range(0, Given.Count)];

    [Theory]
    [MemberData(nameof(All))]
    public void Native_and_managed_derive_the_vectors_key(int number)
    {
        var vector = Given[number]!;
        foreach (var managed in (bool[])[false, true])
        {
            var key = Scrypt.Derive(
                vector.Text("password"),
                vector.Hex("salt_hex"),
                vector.Number("N"),
                vector.Number("r"),
                vector.Number("p"),
                managed
            );

            byte[] derived = [.. key.Encryption, .. key.MacK, .. key.MacR];
            Assert.Equal(vector.Text("derived_hex"), Convert.ToHexStringLower(derived));
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Key_files_of_restic_hold_their_master_keys(int number)
    {
        var vector = Given[number]!;
        if (vector["key_file"] is null)
        {
            return;
        }

        var file = Encoding.UTF8.GetBytes(vector.Text("key_file"));
        var record = KeyRecord.Parse(file);
        var user = Scrypt.Derive(vector.Text("password"), record.Salt, record.N, record.R, record.P);
        var master = new Sealer(user).Open(record.Data);

        Assert.Equal(vector.Text("key_file_name"), Sha256Id.Of(file).ToString());
        Assert.Equal(vector.Text("master_document"), Encoding.UTF8.GetString(master!));
        Assert.Equal(master, KeyRecord.MasterToJson(KeyRecord.MasterFromJson(master)));
        Assert.Equal(vector.Text("key_file"), Encoding.UTF8.GetString(record.ToJson()));
    }

    [Theory]
    [InlineData(0, 8, 1)]
    [InlineData(1, 8, 1)]
    [InlineData(1000, 8, 1)]
    [InlineData(1024, 0, 1)]
    [InlineData(1024, 8, 0)]
    [InlineData(1024, 1 << 20, 1 << 10)]
    public void Impossible_costs_are_refused(int n, int r, int p) => Assert.False(Scrypt.IsValid(n, r, p));

    [Theory]
    [InlineData(32768, 8, 4)]
    [InlineData(1 << 17, 8, 1)]
    [InlineData(32768, 8, 100)]
    public void Costs_of_restic_and_rustic_are_affordable(int n, int r, int p) =>
        Assert.True(Scrypt.IsAffordable(n, r, p));

    [Theory]
    [InlineData(1 << 20, 8, 1)]
    [InlineData(1 << 30, 1 << 29, 1)]
    [InlineData(32768, 8, 1 << 20)]
    [InlineData(2, 1, 1 << 29)]
    [InlineData(1 << 30, 1, int.MaxValue)]
    public void Costs_of_gigabytes_or_hours_are_not(int n, int r, int p) => Assert.False(Scrypt.IsAffordable(n, r, p));

    [Fact]
    public void A_key_does_not_print_itself() => Assert.Equal("(redacted)", RepositoryKey.Random().ToString());

    [Fact]
    public void A_key_with_a_zero_part_is_invalid()
    {
        var bytes = Enumerable.Repeat((byte)1, RepositoryKey.Size).ToArray();
        bytes.AsSpan(32, 16).Clear();

        Assert.Throws<ArgumentException>(() => new RepositoryKey(bytes));
    }
}
