using System.IO.Pipes;
using System.Text;
using Granary.TestSupport;
using Granary.Worker.Processes;
using Granary.Worker.Streams;

namespace Granary.Worker.Tests.Streams;

public sealed class PipeInputTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_byte_arrives_in_order_however_it_was_written()
    {
        var sent = SeededBytes.Random("pipe", 3_000_000);
        using var writer = new AnonymousPipeServerStream(PipeDirection.Out);
        await using var input = PipeInput.Of(
            new AnonymousPipeClientStream(PipeDirection.In, writer.ClientSafePipeHandle)
        );
        Assert.IsType<PipeInput>(input);

        var writing = Task.Run(
            () =>
            {
                // From single bytes to more than the pipe holds.
                for (int at = 0, size = 1; at < sent.Length; at += size, size = Math.Min(size * 3, sent.Length - at))
                {
                    writer.Write(sent, at, size);
                }

                writer.Dispose();
            },
            Cancellation
        );
        using var received = new MemoryStream();
        await Task.Run(() => input.CopyToAsync(received, 100_000, Cancellation), Cancellation);
        await writing;

        Assert.Equal(sent, received.ToArray());
    }

    [Fact]
    public async Task A_little_that_was_written_is_not_held_back()
    {
        using var writer = new AnonymousPipeServerStream(PipeDirection.Out);
        await using var input = PipeInput.Of(
            new AnonymousPipeClientStream(PipeDirection.In, writer.ClientSafePipeHandle)
        );
        writer.Write("abc"u8);

        var buffer = new byte[100];
        var count = await Task.Run(() => input.ReadAsync(buffer, Cancellation).AsTask(), Cancellation)
            .WaitAsync(TimeSpan.FromMinutes(2), Cancellation);

        Assert.Equal("abc", Encoding.ASCII.GetString(buffer, 0, count));
    }

    [Fact]
    public async Task Waiting_for_a_silent_writer_can_be_cancelled()
    {
        using var writer = new AnonymousPipeServerStream(PipeDirection.Out);
        await using var input = PipeInput.Of(
            new AnonymousPipeClientStream(PipeDirection.In, writer.ClientSafePipeHandle)
        );
        using var stop = new CancellationTokenSource();
        var reading = Task.Run(() => input.ReadAsync(new byte[100], stop.Token).AsTask(), Cancellation);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            reading.WaitAsync(TimeSpan.FromMinutes(2), Cancellation)
        );
    }

    [Fact]
    public async Task The_end_of_the_writer_is_the_end()
    {
        await using var tool = ToolProcess.Start(
            new ToolCommand("/bin/sh", ["-c", "printf done"], new Dictionary<string, string?>()),
            _ => { }
        );
        await using var input = PipeInput.Of(tool.Output);
        using var reader = new StreamReader(input);
        Assert.Equal("done", await Task.Run(() => reader.ReadToEndAsync(Cancellation), Cancellation));
        Assert.Equal(0, await tool.WaitAsync(Cancellation));
    }
}
