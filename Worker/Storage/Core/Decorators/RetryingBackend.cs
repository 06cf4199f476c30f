using System.Runtime.CompilerServices;
using Polly;
using Polly.Retry;

namespace Granary.Storage.Decorators;

/// <summary>
/// Repeats operations that failed for a passing reason. The only layer that retries; clients' own retries are off.
/// </summary>
/// <remarks>
/// Waits double from a second to a minute, each shortened by up to half at random, for a quarter of an hour in total
/// (<see cref="RetryOptions"/>). Permanent errors are passed on at once. Source: repository format, "Retries".
/// </remarks>
public sealed class RetryingBackend : DelegatingBackend
{
    private static readonly ResiliencePropertyKey<Attempts> AttemptsKey = new("granary.attempts");
    private readonly RetryOptions _options;
    private readonly TimeProvider _time;
    private readonly Action<RetryNotice>? _announce;
    private readonly ResiliencePipeline _pipeline;

    /// <summary>Wraps a backend.</summary>
    /// <param name="inner">The backend that does the work and does not retry.</param>
    /// <param name="options">The waits.</param>
    /// <param name="time">The clock.</param>
    /// <param name="announce">Called before each wait, on the thread that runs the operation; must not throw.</param>
    public RetryingBackend(
        IBackend inner,
        RetryOptions options,
        TimeProvider time,
        Action<RetryNotice>? announce = null
    )
        : base(inner)
    {
        _options = options;
        _time = time;
        _announce = announce;
        _pipeline = new ResiliencePipelineBuilder { TimeProvider = time }
            .AddRetry(
                new RetryStrategyOptions
                {
                    MaxRetryAttempts = int.MaxValue,
                    ShouldHandle = arguments => ValueTask.FromResult(ShouldRetry(arguments)),
                    DelayGenerator = arguments => ValueTask.FromResult<TimeSpan?>(DelayAfter(arguments.AttemptNumber)),
                    OnRetry = Announce,
                }
            )
            .Build();
    }

    /// <inheritdoc/>
    public override Task PrepareAsync(CancellationToken cancellationToken) =>
        RunAsync("prepare", (_, token) => Inner.PrepareAsync(token), cancellationToken);

    /// <inheritdoc/>
    /// <remarks>
    /// When a try failed, its reply may be all that was lost. If a later try then finds the name taken, and by a file
    /// of this size, the file counts as stored. The config's name says nothing of its content, so there the bytes are
    /// compared.
    /// </remarks>
    public override Task SaveAsync(
        FileHandle handle,
        Stream content,
        SaveMode mode,
        CancellationToken cancellationToken
    ) =>
        RunAsync(
            "save",
            async (attempts, token) =>
            {
                try
                {
                    await Inner.SaveAsync(handle, content, mode, token);
                }
                catch (StorageException e) when (e.Error == StorageError.AlreadyExists && attempts.Failed > 0)
                {
                    if (!await IsStoredAsync(handle, content, token))
                    {
                        throw;
                    }
                }
            },
            cancellationToken
        );

    /// <inheritdoc/>
    public override Task ReadAsync(
        FileHandle handle,
        long offset,
        Memory<byte> destination,
        CancellationToken cancellationToken
    ) => RunAsync("read", (_, token) => Inner.ReadAsync(handle, offset, destination, token), cancellationToken);

    /// <inheritdoc/>
    public override async Task<byte[]> ReadAllAsync(FileHandle handle, CancellationToken cancellationToken)
    {
        var content = Array.Empty<byte>();
        await RunAsync(
            "read",
            async (_, token) => content = await Inner.ReadAllAsync(handle, token),
            cancellationToken
        );
        return content;
    }

    /// <inheritdoc/>
    /// <remarks>
    /// A listing that fails midway is begun again and names already delivered are left out (which costs 32 bytes a
    /// name). The time limit counts from the last name that was delivered.
    /// </remarks>
    public override async IAsyncEnumerable<FileEntry> ListAsync(
        FileKind kind,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await using var listing = new RestartableListing(Inner, kind);
        while (true)
        {
            FileEntry? entry = null;
            await RunAsync("list", async (_, token) => entry = await listing.NextAsync(token), cancellationToken);
            if (entry is not { } next)
            {
                yield break;
            }

            yield return next;
        }
    }

    /// <inheritdoc/>
    public override async Task<long?> SizeAsync(FileHandle handle, CancellationToken cancellationToken)
    {
        long? size = null;
        await RunAsync("look up", async (_, token) => size = await Inner.SizeAsync(handle, token), cancellationToken);
        return size;
    }

    /// <inheritdoc/>
    public override Task DeleteAsync(FileHandle handle, CancellationToken cancellationToken) =>
        RunAsync("delete", (_, token) => Inner.DeleteAsync(handle, token), cancellationToken);

    /// <inheritdoc/>
    public override async Task<int> RemoveLeftoversAsync(CancellationToken cancellationToken)
    {
        var removed = 0;
        await RunAsync(
            "clean",
            async (_, token) => removed = await Inner.RemoveLeftoversAsync(token),
            cancellationToken
        );
        return removed;
    }

    private async Task<bool> IsStoredAsync(FileHandle handle, Stream content, CancellationToken cancellationToken)
    {
        if (handle.Kind != FileKind.Config)
        {
            return await Inner.SizeAsync(handle, cancellationToken) == content.Length;
        }

        var wanted = new byte[content.Length];
        content.Position = 0;
        await content.ReadExactlyAsync(wanted, cancellationToken);
        var stored = await Inner.ReadAllAsync(handle, cancellationToken);
        return stored.AsSpan().SequenceEqual(wanted);
    }

    private async Task RunAsync(
        string operation,
        Func<Attempts, CancellationToken, Task> body,
        CancellationToken cancellationToken
    )
    {
        var context = ResilienceContextPool.Shared.Get(operation, cancellationToken);
        var attempts = new Attempts(operation, _time.GetTimestamp());
        context.Properties.Set(AttemptsKey, attempts);
        try
        {
            await _pipeline.ExecuteAsync(
                static async (context, state) => await state.body(state.attempts, context.CancellationToken),
                context,
                (body, attempts)
            );
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    private bool ShouldRetry(RetryPredicateArguments<object> arguments)
    {
        if (
            arguments.Outcome.Exception is not StorageException { IsTransient: true }
            || !arguments.Context.Properties.TryGetValue(AttemptsKey, out var attempts)
        )
        {
            return false;
        }

        attempts.Failed++;
        return attempts.Failed == 1 || _time.GetElapsedTime(attempts.Begin) < _options.GiveUpAfter;
    }

    private TimeSpan DelayAfter(int retry)
    {
        // The exponent is capped long before the power overflows; the longest delay has been reached by then.
        var doubled = _options.FirstDelay.TotalSeconds * Math.Pow(2, Math.Min(retry, 30));
        var capped = Math.Min(doubled, _options.LongestDelay.TotalSeconds);

        // Spread after the cap and downwards, so that many workers do not come back to a store that recovers all at
        // once.
        return TimeSpan.FromSeconds(capped * (1 - (_options.Randomizer() / 2)));
    }

    private ValueTask Announce(OnRetryArguments<object> arguments)
    {
        if (
            _announce is not null
            && arguments.Outcome.Exception is StorageException error
            && arguments.Context.Properties.TryGetValue(AttemptsKey, out var attempts)
        )
        {
            _announce(
                new RetryNotice(
                    attempts.Operation,
                    attempts.Failed,
                    arguments.RetryDelay,
                    _time.GetElapsedTime(attempts.Begin),
                    error
                )
            );
        }

        return ValueTask.CompletedTask;
    }

    private sealed class Attempts(string operation, long begin)
    {
        public string Operation { get; } = operation;

        public long Begin { get; } = begin;

        public int Failed { get; set; }
    }
}
