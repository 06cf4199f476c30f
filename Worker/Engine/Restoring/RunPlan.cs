using Granary.Engine.Ids;
using Granary.Engine.Indexing;
using Granary.Engine.Packing;

namespace Granary.Engine.Restoring;

/// <summary>Decides which blobs to fetch for the next stretch of a file, joined to which runs. Pure.</summary>
/// <remarks>
/// A backup spreads neighbouring chunks over two packs at random, so a stretch of the file is a few runs of a few
/// packs. A run bridges a gap that is no longer than the blob behind it, so that all runs of a stretch take at most
/// twice the bytes of its blobs.
/// </remarks>
internal static class RunPlan
{
    private const int MaximumPieces = 1024;
    private const uint MaximumGapBytes = 256 << 10;

    /// <summary>Plans the pieces from a position on.</summary>
    /// <param name="content">The file's chunks.</param>
    /// <param name="start">The position of the first.</param>
    /// <param name="find">Where a chunk is.</param>
    /// <param name="maximumBytes">How many sealed bytes the stretch may have; one blob is always taken.</param>
    /// <param name="maximumRun">How long a run may be; a single blob may be longer.</param>
    /// <returns>The pieces, in the order of the file.</returns>
    public static List<Piece> Next(
        Sha256IdList content,
        int start,
        Func<BlobHandle, BlobLocation> find,
        long maximumBytes,
        int maximumRun
    )
    {
        var stretch = new List<BlobLocation>();
        var distinct = new Dictionary<BlobId, BlobLocation>();
        long bytes = 0;
        for (var i = start; i < content.Count && stretch.Count < MaximumPieces; i++)
        {
            var id = new BlobId(content[i]);
            if (!distinct.TryGetValue(id, out var place))
            {
                place = find(new BlobHandle(BlobType.Data, id));
                if (bytes + place.Entry.Length > maximumBytes && stretch.Count > 0)
                {
                    break;
                }

                distinct.Add(id, place);
                bytes += place.Entry.Length;
            }

            stretch.Add(place);
        }

        var runs = Join(distinct.Values, maximumRun);
        return stretch.ConvertAll(place =>
        {
            var run = runs[place.Entry.Blob.Id];
            run.AddUse();
            return new Piece(place, run);
        });
    }

    private static Dictionary<BlobId, PackRun> Join(IEnumerable<BlobLocation> places, int maximumRun)
    {
        var runs = new Dictionary<BlobId, PackRun>();
        foreach (var pack in places.GroupBy(place => place.Pack))
        {
            PackRun? run = null;
            foreach (var entry in pack.Select(place => place.Entry).OrderBy(entry => entry.Offset))
            {
                run =
                    run is not null && CanExtend(run, entry, maximumRun)
                        ? run
                        : new PackRun(pack.Key, entry.Offset, (int)entry.Length);
                run.ExtendTo(Math.Max(entry.Offset + entry.Length, run.Offset + (uint)run.Length));
                runs[entry.Blob.Id] = run;
            }
        }

        return runs;
    }

    private static bool CanExtend(PackRun run, PackEntry next, int maximumRun)
    {
        var end = run.Offset + (long)run.Length;
        return next.Offset - end <= Math.Min(MaximumGapBytes, next.Length)
            && next.Offset + (long)next.Length - run.Offset <= maximumRun;
    }
}
