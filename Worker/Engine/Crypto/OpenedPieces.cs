namespace Granary.Engine.Crypto;

/// <summary>The content of a seal, opened piece by piece. The code that makes it has checked the seal.</summary>
internal ref struct OpenedPieces(AesCtr keyStream, ReadOnlySpan<byte> text)
{
    private AesCtr _keyStream = keyStream;
    private ReadOnlySpan<byte> _rest = text;

    /// <summary>Bytes that were not opened yet.</summary>
    public readonly int Left => _rest.Length;

    /// <summary>Opens the next bytes, as many as there is room for; none at the end.</summary>
    /// <param name="room">A multiple of 16 bytes long.</param>
    public ReadOnlySpan<byte> Next(Span<byte> room)
    {
        var piece = _rest[..Math.Min(room.Length, _rest.Length)];
        _keyStream.Transform(piece, room);
        _rest = _rest[piece.Length..];
        return room[..piece.Length];
    }
}
