using System.Globalization;
using Granary.Api.Status;

namespace Granary.Worker.Progress;

/// <summary>How fast work goes, by what the last seconds saw, and how long the rest of it will take.</summary>
internal sealed class Pace(TimeProvider time)
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(15);

    private readonly long _start = time.GetTimestamp();
    private readonly Queue<(TimeSpan At, long Done)> _seen = new();
    private string _work = "";
    private TimeSpan _shown;

    /// <summary>One line: <c>Restoring: 1.200 GiB of 2.000 GiB, 80.000 MiB/s, 0:10 left</c>.</summary>
    public string Describe(Advance advance)
    {
        var now = time.GetElapsedTime(_start);
        var rate = Rate(advance, now);
        List<string> parts = [Amount(advance)];
        if (rate > 0)
        {
            parts.Add(
                advance.IsBytes
                    ? $"{StatusText.Size((long)rate)}/s"
                    : string.Create(CultureInfo.InvariantCulture, $"{rate:F1}/s")
            );
        }

        if (advance.Note.Length > 0)
        {
            parts.Add(advance.Note);
        }

        parts.Add(
            advance.Total > 0 && rate > 0
                ? $"{StatusText.ProcessingTime(TimeSpan.FromSeconds((advance.Total - advance.Done) / rate))} left"
                : $"{StatusText.ProcessingTime(now)} so far"
        );
        return $"{advance.Work}: {string.Join(", ", parts)}";
    }

    private double Rate(Advance advance, TimeSpan now)
    {
        if (advance.Work != _work)
        {
            // It began some time after the last look. Taking that for its beginning makes the rate a little too low,
            // never too high.
            _seen.Clear();
            _seen.Enqueue((_shown, 0));
            _work = advance.Work;
        }

        _shown = now;
        _seen.Enqueue((now, advance.Done));
        while (_seen.Count > 2 && now - _seen.Peek().At > Window)
        {
            _seen.Dequeue();
        }

        var (since, before) = _seen.Peek();
        return now > since ? (advance.Done - before) / (now - since).TotalSeconds : 0;
    }

    private static string Amount(Advance advance) =>
        (advance.IsBytes, advance.Total > 0) switch
        {
            (true, true) => $"{StatusText.Size(advance.Done)} of {StatusText.Size(advance.Total)}",
            (true, false) => StatusText.Size(advance.Done),
            (false, true) => string.Create(CultureInfo.InvariantCulture, $"{advance.Done} of {advance.Total}"),
            (false, false) => string.Create(CultureInfo.InvariantCulture, $"{advance.Done}"),
        };
}
