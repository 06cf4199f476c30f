using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Granary.Engine.Records;
using Granary.TestSupport;

namespace Granary.Engine.Tests;

/// <summary>
/// The format's golden vectors: what restic 0.19.1 wrote, and what it means. See the notes in the files.
/// </summary>
internal static class Vectors
{
    public static string Folder => Path.Combine(RepositoryRoot.Path, "test", "Fixtures", "Vectors");

    public static JsonNode Load(string name) => JsonNode.Parse(File.ReadAllBytes(Path.Combine(Folder, name)))!;

    public static string Text(this JsonNode node, string member) => node[member]!.GetValue<string>();

    public static int Number(this JsonNode node, string member) => node[member]!.GetValue<int>();

    public static byte[] Hex(this JsonNode node, string member) => Convert.FromHexString(node.Text(member));

    /// <summary>The master key of one of the two repositories.</summary>
    public static Granary.Engine.Crypto.Sealer Sealer(string repository)
    {
        var found = Load("repos.json")["repositories"]!
            .AsArray()
            .Single(each => each!.Text("file").StartsWith(repository, StringComparison.Ordinal))!;
        return SealerOf(found["master_key"]!);
    }

    public static Granary.Engine.Crypto.Sealer SealerOf(JsonNode master) =>
        new(Granary.Engine.Records.KeyRecord.MasterFromJson(Encoding.UTF8.GetBytes(master.ToJsonString())));

    /// <summary>Makes a stream of a vector from its parts.</summary>
    public static byte[] Stream(JsonNode stream)
    {
        using var bytes = new MemoryStream();
        foreach (var part in stream["parts"]!.AsArray())
        {
            bytes.Write(Part(part!));
        }

        var all = bytes.ToArray();
        return stream["length"] is { } length ? all[..length.GetValue<int>()] : all;
    }

    private static byte[] Part(JsonNode part)
    {
        switch (part.Text("kind"))
        {
            case "ctr":
                var random = SeededBytes.Random(part.Text("seed"), part.Number("bytes"));
                return random[(part["skip"]?.GetValue<int>() ?? 0)..];
            case "repeat":
                return [.. Enumerable.Repeat((byte)part.Number("byte"), part.Number("bytes"))];
            case "hex":
                return part.Hex("hex");
            case "copytext":
                return CopyRows(part.Text("seed"), part.Number("rows"));
            default:
                throw new JsonException("An unknown part.");
        }
    }

    private static byte[] CopyRows(string seed, int rows)
    {
        // A row is at most 70 bytes long; the text is cut after the last one.
        var text = SeededBytes.CopyText(seed, 40 * rows);
        var length = 0;
        var row = 0;
        var generous = SeededBytes.CopyText(seed, text.Length * 2);
        while (row < rows)
        {
            length = Array.IndexOf(generous, (byte)'\n', length) + 1;
            row++;
        }

        return generous[..length];
    }
}
