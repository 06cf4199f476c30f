using System.Buffers.Binary;

namespace Granary.DevCluster.Api.Protobuf;

/// <summary>Reads the wire format of protobuf: tagged fields of four kinds.</summary>
internal ref struct WireReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    /// <exception cref="InvalidDataException">The bytes end inside a field, or are no fields.</exception>
    public bool TryRead(out int number, out ulong value, out ReadOnlySpan<byte> payload)
    {
        number = 0;
        value = 0;
        payload = default;
        if (_rest.IsEmpty)
        {
            return false;
        }

        var tag = Varint();
        number = (int)(tag >> 3);
        switch (tag & 7)
        {
            case 0:
                value = Varint();
                break;
            case 1:
                value = BinaryPrimitives.ReadUInt64LittleEndian(Take(8));
                break;
            case 2:
                payload = Take(checked((int)Varint()));
                break;
            case 5:
                value = BinaryPrimitives.ReadUInt32LittleEndian(Take(4));
                break;
            default:
                throw new InvalidDataException("unknown wire type");
        }

        return true;
    }

    private ulong Varint()
    {
        ulong result = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = Take(1)[0];
            result |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                return result;
            }
        }

        throw new InvalidDataException("a number does not end");
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _rest.Length)
        {
            throw new InvalidDataException("the message ends early");
        }

        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }
}
