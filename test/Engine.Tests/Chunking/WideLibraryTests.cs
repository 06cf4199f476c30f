using Granary.Engine.Chunking;
using Granary.TestSupport;

namespace Granary.Engine.Tests.Chunking;

public sealed class WideLibraryTests : IDisposable
{
    private const string Flags =
        "fpu sse2 fma movbe abm bmi1 avx2 bmi2 avx512f avx512dq avx512cd avx512bw avx512vl avx512vbmi gfni "
        + "vpclmulqdq f16c avx512_bitalg";

    private readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("", true)]
    [InlineData("avx512vbmi", false)]
    [InlineData("gfni", false)]
    [InlineData("avx512f", false)]
    public void A_processor_must_list_every_instruction_set(string missing, bool expected)
    {
        var flags = string.Join(' ', Flags.Split(' ').Where(flag => flag != missing));
        File.WriteAllText(
            _folder["cpuinfo"],
            $"processor\t: 0\nmodel name\t: gfni avx512f\nflags\t\t: {flags}\nbugs\t\t: none\n\nprocessor\t: "
                + $"1\nflags\t\t: {Flags}\n"
        );

        Assert.Equal(expected, WideLibrary.HasFeatures(_folder["cpuinfo"]));
    }

    [Fact]
    public void A_system_that_lists_nothing_has_nothing() => Assert.False(WideLibrary.HasFeatures(_folder["missing"]));

    [Fact]
    public void This_process_searches_wide_where_it_can() =>
        Assert.Equal(WideCutSearch.IsSupported, WideLibrary.IsAvailable);
}
