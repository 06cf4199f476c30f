namespace Granary.Demo;

/// <summary>How the demo is to run.</summary>
/// <param name="Keep">Leave everything running at the end until a key or a signal.</param>
/// <param name="Break">What to break on purpose; the demo must then fail.</param>
/// <param name="PostgresMajor">The servers' major.</param>
internal sealed record DemoOptions(bool Keep, Breakage Break, int PostgresMajor);

/// <summary>What can be broken on purpose, to see that the demo notices.</summary>
internal enum Breakage
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>One byte of a pack in the bucket is flipped before the restore.</summary>
    FlipPack,

    /// <summary>The worker's role loses the right to write the session's status.</summary>
    DropRule,

    /// <summary>The dump program is killed half-way.</summary>
    KillDump,

    /// <summary>The S3 server goes away during the upload.</summary>
    StopStorage,
}
