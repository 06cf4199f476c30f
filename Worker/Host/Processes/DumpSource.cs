using Granary.Engine.Archiving;
using Granary.Worker.Streams;
using Microsoft.Extensions.Logging;

namespace Granary.Worker.Processes;

/// <summary>A dump program whose output is backed up as one file.</summary>
/// <remarks>
/// The program waits while its pipe is full, so nothing is held but what the engine has in hand. Its exit status
/// decides: any other than 0 fails the backup before a snapshot is written, whatever it has printed so far.
/// </remarks>
internal sealed class DumpSource(ToolCommand command, string path, Redactor redactor, ILogger log)
    : ISource,
        IAsyncDisposable
{
    private readonly TextTail _diagnostics = new();
    private ToolProcess? _process;
    private CancellationTokenRegistration _killOnCancel;

    /// <inheritdoc/>
    public string Path => path;

    /// <inheritdoc/>
    public Task<Stream> OpenAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        log.ToolStarted(redactor.Redact(command.ToString()));
        var process = ToolProcess.Start(command, Note);
        _process = process;

        _killOnCancel = cancellationToken.Register(static state => ((ToolProcess)state!).Kill(), process);
        process.Input.Close();
        return Task.FromResult(PipeInput.Of(process.Output));
    }

    /// <inheritdoc/>
    /// <exception cref="ToolException">The program failed; the message ends with the last lines it wrote.</exception>
    public async Task CompleteAsync(CancellationToken cancellationToken)
    {
        if (_process is null)
        {
            throw new InvalidOperationException("The dump was not started.");
        }

        var status = await _process.WaitAsync(cancellationToken);
        if (status != 0)
        {
            throw new ToolException(Failure.Describe(command.Name, status, redactor.Redact(_diagnostics.ToString())));
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _killOnCancel.DisposeAsync();
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }
    }

    private void Note(string line)
    {
        _diagnostics.Add(line);
        if (log.IsEnabled(LogLevel.Debug))
        {
            log.ToolSaid(command.Name, redactor.Redact(line));
        }
    }
}
