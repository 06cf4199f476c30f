namespace Granary.Worker.Postgres.Restoring.Scripts;

/// <summary>Finds the line <c>\.</c> that ends the rows of a COPY, in parts of any length.</summary>
internal struct RowsEnd
{
    private int _matched;

    private RowsEnd(int matched) => _matched = matched;

    /// <summary>Before the first row.</summary>
    public static RowsEnd AtRowStart => new(1);

    /// <summary>Takes rows up to and including the line that ends them, or all of the part.</summary>
    /// <param name="part">The next part.</param>
    /// <param name="isOver">Whether the rows are over.</param>
    /// <returns>How many bytes are of the rows.</returns>
    public int Take(ReadOnlySpan<byte> part, out bool isOver)
    {
        isOver = false;
        var taken = 0;
        while (taken < part.Length)
        {
            var rest = part[taken..];
            if (_matched == 0)
            {
                // A row that begins with a backslash and a dot is rare: what ends with one of these is looked at again.
                var index = rest.IndexOf("\n\\."u8);
                if (index >= 0)
                {
                    taken += index + 3;
                    _matched = 3;
                    continue;
                }

                _matched =
                    rest.EndsWith("\n\\"u8) ? 2
                    : rest[^1] == (byte)'\n' ? 1
                    : 0;
                return part.Length;
            }

            var one = rest[0];
            taken++;
            (_matched, isOver) = (_matched, one) switch
            {
                (1, (byte)'\\') => (2, false),
                (2, (byte)'.') => (3, false),
                (3, (byte)'\r') => (4, false),
                (3 or 4, (byte)'\n') => (0, true),
                (_, (byte)'\n') => (1, false),
                _ => (0, false),
            };
            if (isOver)
            {
                return taken;
            }
        }

        return taken;
    }
}
