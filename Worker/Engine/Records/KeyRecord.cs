using System.Buffers;
using Granary.Engine.Crypto;
using Granary.Engine.Records.Json;

namespace Granary.Engine.Records;

/// <summary>A key file: the master key, sealed under a password. Its name is the hash of exactly its bytes.</summary>
/// <remarks>Source: repository format §5.2.</remarks>
internal sealed record KeyRecord
{
    public const int SaltSize = 64;

    public Timestamp Created { get; init; }

    public string Username { get; init; } = "";

    public string Hostname { get; init; } = "";

    public string Kdf { get; init; } = "scrypt";

    public required int N { get; init; }

    public required int R { get; init; }

    public required int P { get; init; }

    public required byte[] Salt { get; init; }

    /// <summary>The sealed master key document.</summary>
    public required byte[] Data { get; init; }

    public static KeyRecord Parse(ReadOnlyMemory<byte> json)
    {
        var fields = JsonFields.Parse(json);
        return new KeyRecord
        {
            Created = Timestamp.Read(fields, "created"),
            Username = fields.Text("username"),
            Hostname = fields.Text("hostname"),
            Kdf = fields.Text("kdf"),
            N = checked((int)fields.Number("N")),
            R = checked((int)fields.Number("r")),
            P = checked((int)fields.Number("p")),
            Salt = fields.Base64("salt"),
            Data = fields.Base64("data"),
        };
    }

    public byte[] ToJson()
    {
        var bytes = new ArrayBufferWriter<byte>();
        var json = new JsonText(bytes).Open('{');
        json.Member("created"u8).Text(Created.Text);
        json.Member("username"u8).Text(Username);
        json.Member("hostname"u8).Text(Hostname);
        json.Member("kdf"u8).Text(Kdf);
        json.Member("N"u8).Number((ulong)N);
        json.Member("r"u8).Number((ulong)R);
        json.Member("p"u8).Number((ulong)P);
        json.Member("salt"u8).Base64(Salt);
        json.Member("data"u8).Base64(Data);
        json.Close('}');
        return bytes.WrittenSpan.ToArray();
    }

    /// <summary>The master key document: <c>{"mac":{"k":…,"r":…},"encrypt":…}</c>.</summary>
    public static byte[] MasterToJson(RepositoryKey master)
    {
        var bytes = new ArrayBufferWriter<byte>();
        var json = new JsonText(bytes).Open('{');
        json.Member("mac"u8).Open('{');
        json.Member("k"u8).Base64(master.MacK);
        json.Member("r"u8).Base64(master.MacR);
        json.Close('}');
        json.Member("encrypt"u8).Base64(master.Encryption);
        json.Close('}');
        return bytes.WrittenSpan.ToArray();
    }

    /// <exception cref="FormatException">A part has the wrong length or is all zero.</exception>
    public static RepositoryKey MasterFromJson(ReadOnlyMemory<byte> json)
    {
        var fields = JsonFields.Parse(json);
        var mac = fields.Object("mac");
        byte[] parts = [.. fields.Base64("encrypt"), .. mac?.Base64("k") ?? [], .. mac?.Base64("r") ?? []];
        return parts.Length == RepositoryKey.Size && RepositoryKey.IsValid(parts)
            ? new RepositoryKey(parts)
            : throw new FormatException("the master key is not valid");
    }
}
