using System.Text;
using Granary.Engine.Archiving;
using Granary.Engine.Packing;
using Granary.Engine.Repositories;
using Granary.Engine.Repositories.Locking;
using Granary.Storage;
using Granary.TestSupport;
using Microsoft.Extensions.Time.Testing;

namespace Granary.Engine.Tests.Archiving;

/// <summary>What the tests of this folder's backup classes share.</summary>
public abstract class BackupTestBed
{
    private protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private protected sealed class Collector(List<BackupProgress> seen) : IProgress<BackupProgress>
    {
        public void Report(BackupProgress value) => seen.Add(value);
    }
}
