using System.Net;
using System.Net.Http.Headers;
using Granary.Operator.Cluster;
using Granary.TestSupport;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Granary.Operator.Tests.Cluster;

public sealed class ApiPatienceTests
{
    private static readonly Uri Secrets = new("http://api/api/v1/secrets");

    private readonly FakeTimeProvider _time = new();
    private int _asked;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_server_that_is_busy_is_asked_again_after_the_time_that_it_names()
    {
        var answer = SendAsync(Secrets, (n, _) => Task.FromResult(n == 1 ? Busy() : new HttpResponseMessage()));
        await Eventually.TrueAsync("the first request", () => Task.FromResult(Volatile.Read(ref _asked) == 1));

        while (!answer.IsCompleted)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        Assert.Equal(HttpStatusCode.OK, (await answer).StatusCode);
        Assert.Equal(2, _asked);
    }

    [Fact]
    public async Task A_request_that_hangs_ends_at_its_deadline_and_a_watch_does_not()
    {
        var answer = SendAsync(Secrets, HangAsync);
        var watch = SendAsync(new Uri(Secrets, "?watch=true"), HangAsync);

        _time.Advance(ApiPatience.Deadline);

        var error = await Assert.ThrowsAsync<HttpRequestException>(() => answer);
        Assert.Equal("The API server did not answer GET /api/v1/secrets within 00:00:30.", error.Message);
        Assert.False(watch.IsCompleted);
    }

    private static HttpResponseMessage Busy() =>
        new(HttpStatusCode.TooManyRequests)
        {
            Headers = { RetryAfter = new RetryConditionHeaderValue(TimeSpan.FromSeconds(1)) },
        };

    private static async Task<HttpResponseMessage> HangAsync(int number, CancellationToken cancellationToken)
    {
        await Task.Delay(Timeout.Infinite, cancellationToken);
        return new HttpResponseMessage();
    }

    private Task<HttpResponseMessage> SendAsync(Uri uri, Func<int, CancellationToken, Task<HttpResponseMessage>> server)
    {
        var client = new HttpMessageInvoker(
            new ApiPatience(_time, NullLogger<ApiPatience>.Instance)
            {
                InnerHandler = new Server(token => server(Interlocked.Increment(ref _asked), token)),
            }
        );
        return client.SendAsync(new HttpRequestMessage(HttpMethod.Get, uri), Token);
    }

    private sealed class Server(Func<CancellationToken, Task<HttpResponseMessage>> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request,
            CancellationToken cancellationToken
        ) => answer(cancellationToken);
    }
}
