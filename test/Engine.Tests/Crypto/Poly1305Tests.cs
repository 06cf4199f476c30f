using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Granary.Engine.Crypto;

namespace Granary.Engine.Tests.Crypto;

public sealed class Poly1305Tests
{
    private static readonly JsonArray Given = Vectors.Load("crypto.json")["poly1305_aes"]!.AsArray();

    public static TheoryData<int> All => [.. Enumerable.Range(0, Given.Count)];

    [Theory]
    [MemberData(nameof(All))]
    public void Native_and_managed_give_the_papers_vectors(int number)
    {
        var vector = Given[number]!;
        using var aes = Aes.Create();
        aes.Key = vector.Hex("k_hex");
        byte[] key = [.. vector.Hex("r_hex"), .. aes.EncryptEcb(vector.Hex("nonce_hex"), PaddingMode.None)];
        var (native, managed) = (new byte[16], new byte[16]);

        Poly1305.Compute(key, vector.Hex("msg_hex"), native);
        using (var poly = new Poly1305(key, managed: true))
        {
            poly.Update(vector.Hex("msg_hex"));
            poly.Finish(managed);
        }

        Assert.Equal(vector.Text("mac_hex"), Convert.ToHexStringLower(native));
        Assert.Equal(native, managed);
    }

    [Fact]
    public void Libsodium_is_there_on_the_platforms_we_test() => Assert.True(Sodium.IsAvailable);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Pieces_give_the_same_as_the_whole(bool managed)
    {
        var message = new byte[1000];
        Random.Shared.NextBytes(message);
        var key = RandomNumberGenerator.GetBytes(Poly1305.KeySize);
        var (whole, pieces) = (new byte[16], new byte[16]);
        Poly1305.Compute(key, message, whole);

        using var poly = new Poly1305(key, managed);
        poly.Update(message.AsSpan(0, 7));
        poly.Update(message.AsSpan(7, 501));
        poly.Update(message.AsSpan(508));
        poly.Finish(pieces);

        Assert.Equal(whole, pieces);
    }
}
