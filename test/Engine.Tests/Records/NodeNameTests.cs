using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Granary.Engine.Records;
using Granary.Engine.Records.Json;

namespace Granary.Engine.Tests.Records;

public sealed class NodeNameTests
{
    private static readonly JsonArray Given = Vectors.Load("names.json")["names"]!.AsArray();

    public static TheoryData<int> All => [.. Enumerable.Range(0, Given.Count)];

    [Theory]
    [MemberData(nameof(All))]
    public void Names_are_written_as_restic_writes_them(int number)
    {
        var vector = Given[number]!;
        var name = vector.Hex("name_hex");

        Assert.Equal(vector.Text("node_name_json"), Json(json => json.Text(NodeName.Quote(name))));
        Assert.Equal(vector.Text("snapshot_path_json"), Json(json => json.Text([(byte)'/', .. name])));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Names_are_read_back(int number)
    {
        var vector = Given[number]!;

        var quoted = JsonSerializer.Deserialize<string>(vector.Text("node_name_json"))!;

        Assert.Equal(vector.Text("name_hex"), Convert.ToHexStringLower(NodeName.Unquote(quoted)));
    }

    [Fact]
    public void Octal_escapes_are_read() => Assert.Equal("a\nb"u8.ToArray(), NodeName.Unquote(@"a\012b"));

    [Theory]
    [InlineData(@"\")]
    [InlineData(@"\q")]
    [InlineData(@"\x1")]
    [InlineData(@"\xg0")]
    [InlineData(@"\ud800")]
    [InlineData(@"\U00110000")]
    [InlineData(@"\777")]
    public void Unknown_escapes_are_refused(string quoted) =>
        Assert.Throws<FormatException>(() => NodeName.Unquote(quoted));

    [Fact]
    public void Any_bytes_come_back()
    {
        var random = new Random(4711);
        for (var i = 0; i < 2000; i++)
        {
            var name = new byte[random.Next(1, 20)];
            random.NextBytes(name);

            Assert.Equal(name, NodeName.Unquote(NodeName.Quote(name)));
        }
    }

    private static string Json(Action<JsonText> write)
    {
        var bytes = new ArrayBufferWriter<byte>();
        write(new JsonText(bytes));
        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }
}
