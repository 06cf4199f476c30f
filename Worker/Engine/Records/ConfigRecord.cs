using System.Buffers;
using Granary.Engine.Records.Json;

namespace Granary.Engine.Records;

/// <summary>
/// The <c>config</c> file: sealed with the master key, never compressed. Source: repository format §5.1.
/// </summary>
/// <param name="Version">1 or 2.</param>
/// <param name="Id">64 hexadecimal digits of 32 random bytes.</param>
/// <param name="ChunkerPolynomial">Hexadecimal, no leading zeros.</param>
internal sealed record ConfigRecord(int Version, string Id, string ChunkerPolynomial)
{
    public static ConfigRecord Parse(ReadOnlyMemory<byte> json)
    {
        var fields = JsonFields.Parse(json);
        return new ConfigRecord(
            checked((int)fields.Number("version")),
            fields.Text("id"),
            fields.Text("chunker_polynomial")
        );
    }

    public byte[] ToJson()
    {
        var bytes = new ArrayBufferWriter<byte>();
        var json = new JsonText(bytes).Open('{');
        json.Member("version"u8).Number((ulong)Version);
        json.Member("id"u8).Text(Id);
        json.Member("chunker_polynomial"u8).Text(ChunkerPolynomial);
        json.Close('}');
        return bytes.WrittenSpan.ToArray();
    }
}
