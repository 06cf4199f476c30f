namespace Granary.Engine.Archiving;

/// <summary>One stream to back up: a dump program's output, a file, a pipe.</summary>
public interface ISource
{
    /// <summary>
    /// The path in the snapshot: <c>db.sql</c> or <c>/dumps/pg/db.sql</c>. Cleaned to an absolute path.
    /// </summary>
    string Path { get; }

    /// <summary>Starts the producer. Called once. The engine reads the stream to its end and disposes it.</summary>
    Task<Stream> OpenAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Called after the stream's end: waits for the producer's own end. Throws if it failed; then no snapshot is
    /// written.
    /// </summary>
    Task CompleteAsync(CancellationToken cancellationToken);
}
