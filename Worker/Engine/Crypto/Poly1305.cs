using System.Runtime.InteropServices;
using Org.BouncyCastle.Crypto.Parameters;

namespace Granary.Engine.Crypto;

/// <summary>Poly1305 with a 32-byte one-time key, whole or piece by piece.</summary>
/// <remarks>Source: repository format §3; both implementations clamp <c>r</c> themselves.</remarks>
internal sealed unsafe class Poly1305 : IDisposable
{
    public const int KeySize = 32;
    public const int MacSize = 16;

    private readonly Org.BouncyCastle.Crypto.Macs.Poly1305? _managed;
    private byte* _state;

    public Poly1305(ReadOnlySpan<byte> key, bool managed = false)
    {
        if (managed || !Sodium.IsAvailable)
        {
            _managed = new Org.BouncyCastle.Crypto.Macs.Poly1305();
            _managed.Init(new KeyParameter(key));
            return;
        }

        _state = (byte*)NativeMemory.AlignedAlloc(Sodium.Poly1305StateSize, 64);
        fixed (byte* pinnedKey = key)
        {
            _ = Sodium.Poly1305Init(_state, pinnedKey);
        }
    }

    /// <summary>Authenticates a whole message at once.</summary>
    public static void Compute(ReadOnlySpan<byte> key, ReadOnlySpan<byte> message, Span<byte> mac)
    {
        if (!Sodium.IsAvailable)
        {
            using var managed = new Poly1305(key, managed: true);
            managed.Update(message);
            managed.Finish(mac);
            return;
        }

        fixed (
            byte* pinnedKey = key,
                pinnedMessage = message,
                pinnedMac = mac
        )
        {
            _ = Sodium.Poly1305(pinnedMac, pinnedMessage, (ulong)message.Length, pinnedKey);
        }
    }

    public void Update(ReadOnlySpan<byte> message)
    {
        if (_managed is not null)
        {
            _managed.BlockUpdate(message);
            return;
        }

        ObjectDisposedException.ThrowIf(_state is null, this);
        fixed (byte* pinned = message)
        {
            _ = Sodium.Poly1305Update(_state, pinned, (ulong)message.Length);
        }
    }

    public void Finish(Span<byte> mac)
    {
        if (_managed is not null)
        {
            _managed.DoFinal(mac);
            return;
        }

        ObjectDisposedException.ThrowIf(_state is null, this);
        fixed (byte* pinned = mac)
        {
            _ = Sodium.Poly1305Final(_state, pinned);
        }
    }

    public void Dispose()
    {
        if (_state is not null)
        {
            NativeMemory.Clear(_state, Sodium.Poly1305StateSize);
            NativeMemory.AlignedFree(_state);
            _state = null;
        }
    }
}
