[assembly: AssemblyFixture(typeof(Granary.Faults.Tests.Ledger))]

namespace Granary.Faults.Tests;

/// <summary>
/// Counts what the tests did to repositories and what was lost, a line for each loop and a total at the end.
/// </summary>
/// <remarks>Lines go to the standard output, where <c>tools/soak.sh</c> reads them.</remarks>
public sealed class Ledger : IDisposable
{
    private readonly Lock _lock = new();
    private long _faults;
    private long _kills;
    private long _losses;

    public void Faults(string what, int faults, int losses)
    {
        Note(ref _faults, faults, losses);
        Console.WriteLine($"{what}: {faults} faults injected, {losses} losses");
    }

    public void Kills(string what, int kills, int losses)
    {
        Note(ref _kills, kills, losses);
        Console.WriteLine($"{what}: {kills} kills, {losses} losses");
    }

    public void Dispose() => Console.WriteLine($"total: {_faults} faults injected, {_kills} kills, {_losses} losses");

    private void Note(ref long count, int added, int losses)
    {
        lock (_lock)
        {
            count += added;
            _losses += losses;
        }
    }
}
