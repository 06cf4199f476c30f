namespace Granary.Storage.Swift;

/// <summary>The result of signing in.</summary>
/// <param name="storageUrl">The account's address, without a slash at its end.</param>
/// <param name="token">Goes into each request; grows stale after hours.</param>
internal sealed class SwiftSession(string storageUrl, Secret token)
{
    private volatile bool _worked;

    /// <summary>The account's address, without a slash at its end.</summary>
    public string StorageUrl => storageUrl;

    /// <summary>Goes into each request.</summary>
    public Secret Token => token;

    /// <summary>Whether the store has accepted the token before.</summary>
    public bool Worked
    {
        get => _worked;
        set => _worked = value;
    }
}
