namespace Granary.Storage.Swift;

/// <summary>What signing in gives.</summary>
/// <param name="StorageUrl">The account's address, without a slash at its end.</param>
/// <param name="Token">Goes into each request; grows stale after hours.</param>
internal sealed record SwiftSession(string StorageUrl, Secret Token);
