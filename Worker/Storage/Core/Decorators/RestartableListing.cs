using System.Globalization;

namespace Granary.Storage.Decorators;

/// <summary>One listing that can be asked for its next entry again after it failed.</summary>
internal sealed class RestartableListing(IBackend backend, FileKind kind) : IAsyncDisposable
{
    // A name is 256 bits in hexadecimal; kept as numbers it takes 32 bytes instead of 150.
    private readonly HashSet<(UInt128 High, UInt128 Low)> _delivered = [];
    private IAsyncEnumerator<FileEntry>? _entries;

    /// <summary>The next entry that was not delivered yet, or null at the end.</summary>
    public async Task<FileEntry?> NextAsync(CancellationToken cancellationToken)
    {
        _entries ??= backend.ListAsync(kind, cancellationToken).GetAsyncEnumerator(cancellationToken);
        try
        {
            while (await _entries.MoveNextAsync())
            {
                if (_delivered.Add(KeyOf(_entries.Current.Name)))
                {
                    return _entries.Current;
                }
            }

            return null;
        }
        catch
        {
            await DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_entries is { } entries)
        {
            _entries = null;
            await entries.DisposeAsync();
        }
    }

    private static (UInt128, UInt128) KeyOf(string name) =>
        (
            UInt128.Parse(name.AsSpan(0, 32), NumberStyles.AllowHexSpecifier),
            UInt128.Parse(name.AsSpan(32), NumberStyles.AllowHexSpecifier)
        );
}
