namespace Granary.Storage.Decorators;

/// <summary>
/// How long and how patiently <see cref="RetryingBackend"/> tries. Source: repository format, "Retries".
/// </summary>
public sealed record RetryOptions
{
    /// <summary>The wait before the first retry; it doubles with each further one. Default: 1 second.</summary>
    public TimeSpan FirstDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest wait between two tries. Default: 60 seconds.</summary>
    public TimeSpan LongestDelay { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// No retry begins later than this after the first try; one retry is always made. Default: 15 minutes.
    /// </summary>
    public TimeSpan GiveUpAfter { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>
    /// Numbers from 0 up to 1, by half of which each wait is shortened: 0 leaves it whole. Default: random.
    /// </summary>
    public Func<double> Randomizer { get; init; } = Random.Shared.NextDouble;
}

/// <summary>A notice for the user that an operation is about to be tried again.</summary>
/// <param name="Operation">
/// A verb: <c>save</c>, <c>read</c>, <c>list</c>, <c>look up</c>, <c>delete</c>, <c>prepare</c>.
/// </param>
/// <param name="Attempt">The number of the try that failed, from 1.</param>
/// <param name="Delay">How long it waits now.</param>
/// <param name="Elapsed">The time since the first try began.</param>
/// <param name="Error">The failure; its message names location and file.</param>
public sealed record RetryNotice(
    string Operation,
    int Attempt,
    TimeSpan Delay,
    TimeSpan Elapsed,
    StorageException Error
);
