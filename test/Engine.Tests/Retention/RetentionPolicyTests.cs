using System.Text.Json.Nodes;
using Granary.Engine.Records;
using Granary.Engine.Repositories;
using Granary.Engine.Retention;
using Granary.TestSupport;

namespace Granary.Engine.Tests.Retention;

public sealed class RetentionPolicyTests
{
    private static readonly DateTimeOffset Now = new(2026, 7, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly JsonNode Given = JsonNode.Parse(
        File.ReadAllText(Path.Combine(RepositoryRoot.Path, "test/Fixtures/Vectors/retention.json"))
    )!;

    public static TheoryData<int> Cases => [.. Enumerable.Range(0, Given["cases"]!.AsArray().Count)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_policy_keeps_and_removes_what_restic_does_and_says_why(int index)
    {
        JsonNode vector = Given["cases"]![index]!;
        string[] arguments = [.. vector["arguments"]!.AsArray().Select(argument => (string)argument!)];
        ForgetArguments asked = ForgetArguments.Parse(arguments);
        Snapshot[] chosen = [.. AllSnapshots().Where(snapshot => asked.Filter.Matches(snapshot.Record))];

        if ((int)vector["exit"]! != 0)
        {
            Assert.Throws<RetentionRefusedException>(() => ForgetPlan.For(chosen, asked.Policy, asked.Grouping, Now));
            return;
        }

        ForgetPlan plan = ForgetPlan.For(chosen, asked.Policy, asked.Grouping, Now);
        JsonArray expected = vector["groups"]!.AsArray();
        Assert.Equal(expected.Count, plan.Groups.Count);
        foreach ((JsonNode? wanted, ForgetGroup got) in expected.Zip(plan.Groups))
        {
            Assert.Equal(Numbers(wanted!["keep"]), got.Verdicts.Where(verdict => verdict.IsKept).Select(Number));
            Assert.Equal(Numbers(wanted["remove"]), got.Verdicts.Where(verdict => !verdict.IsKept).Select(Number));
            Assert.Equal(
                wanted["reasons"]!
                    .AsArray()
                    .Select(reasons => string.Join('|', reasons!.AsArray().Select(reason => (string)reason!))),
                got.Verdicts.Where(verdict => verdict.IsKept).Select(verdict => string.Join('|', verdict.Reasons))
            );
        }
    }

    [Theory]
    [InlineData("1x")]
    [InlineData("y")]
    [InlineData("-3d")]
    [InlineData("3")]
    public void A_span_that_is_not_one_is_refused(string text) =>
        Assert.Throws<FormatException>(() => CalendarSpan.Parse(text));

    [Fact]
    public void A_day_that_the_month_lacks_runs_over_into_the_next_one()
    {
        Assert.True(Timestamp.TryParse("2023-03-31T12:00:00+02:00", out Timestamp time));

        DateTimeOffset? horizon = CalendarSpan.Parse("1m").Before(time);

        Assert.Equal(new DateTimeOffset(2023, 3, 3, 12, 0, 0, TimeSpan.FromHours(2)), horizon);
    }

    [Theory]
    [InlineData("357913941y")]
    [InlineData("2147483647y2147483647m")]
    [InlineData("99999999d")]
    [InlineData("20000000d")]
    [InlineData("2147483647d2147483647h")]
    [InlineData("512409557h")]
    public void A_span_that_means_for_ever_reaches_before_the_first_year(string span)
    {
        Assert.True(Timestamp.TryParse("2026-03-31T12:00:00+02:00", out Timestamp time));

        Assert.Null(CalendarSpan.Parse(span).Before(time));
    }

    [Theory]
    [InlineData("a", "b", "a\0b", null)]
    [InlineData("", null, null, null)]
    public void Groups_with_odd_tags_are_not_mixed_up(string one, string? two, string? three, string? four)
    {
        Snapshot[] snapshots = [Tagged(1, one, two), Tagged(2, three, four)];

        ForgetPlan plan = ForgetPlan.For(snapshots, new RetentionPolicy { Last = 1 }, SnapshotGrouping.Tags, Now);

        Assert.Equal(2, plan.Groups.Count);
        Assert.Empty(plan.Remove);

        static Snapshot Tagged(int day, params string?[] tags) =>
            new(
                default,
                new SnapshotRecord
                {
                    Time = Timestamp.From(Now.AddDays(-day)),
                    Tree = default,
                    Tags = [.. tags.OfType<string>()],
                }
            );
    }

    private static IEnumerable<Snapshot> AllSnapshots() =>
        Given["snapshots"]!
            .AsArray()
            .Select(snapshot =>
            {
                Assert.True(Timestamp.TryParse((string)snapshot!["time"]!, out Timestamp time));
                return new Snapshot(
                    default,
                    new SnapshotRecord
                    {
                        Time = time,
                        Tree = default,
                        Hostname = (string)snapshot["hostname"]!,
                        Paths = [.. snapshot["paths"]!.AsArray().Select(path => (string)path!)],
                        Tags = [.. snapshot["tags"]?.AsArray().Select(tag => (string)tag!) ?? []],
                        ProgramVersion = $"{(int)snapshot["n"]!}",
                    }
                );
            });

    private static int Number(RetentionVerdict<Snapshot> verdict) => int.Parse(verdict.Snapshot.Record.ProgramVersion);

    private static IEnumerable<int> Numbers(JsonNode? list) => list!.AsArray().Select(number => (int)number!);

    /// <summary>restic's forget arguments, as far as the vectors use them.</summary>
    private sealed record ForgetArguments(RetentionPolicy Policy, SnapshotFilter Filter, SnapshotGrouping Grouping)
    {
        public static ForgetArguments Parse(string[] arguments)
        {
            var asked = new ForgetArguments(new RetentionPolicy(), SnapshotFilter.All, SnapshotGrouping.Default);
            for (int i = 0; i < arguments.Length; i += 2)
            {
                asked = asked.With(arguments[i], arguments[i + 1]);
            }

            return asked;
        }

        private static int Count(string text) => text == "unlimited" ? RetentionPolicy.Unlimited : int.Parse(text);

        private static string[] List(string text) => [.. text.Split(',').Select(part => part.Trim())];

        private ForgetArguments With(string name, string value) =>
            name switch
            {
                "--keep-last" => this with { Policy = Policy with { Last = Count(value) } },
                "--keep-hourly" => this with { Policy = Policy with { Hourly = Count(value) } },
                "--keep-daily" => this with { Policy = Policy with { Daily = Count(value) } },
                "--keep-weekly" => this with { Policy = Policy with { Weekly = Count(value) } },
                "--keep-monthly" => this with { Policy = Policy with { Monthly = Count(value) } },
                "--keep-yearly" => this with { Policy = Policy with { Yearly = Count(value) } },
                "--keep-within" => this with { Policy = Policy with { Within = CalendarSpan.Parse(value) } },
                "--keep-within-hourly" => this with
                {
                    Policy = Policy with { WithinHourly = CalendarSpan.Parse(value) },
                },
                "--keep-within-daily" => this with { Policy = Policy with { WithinDaily = CalendarSpan.Parse(value) } },
                "--keep-within-weekly" => this with
                {
                    Policy = Policy with { WithinWeekly = CalendarSpan.Parse(value) },
                },
                "--keep-within-monthly" => this with
                {
                    Policy = Policy with { WithinMonthly = CalendarSpan.Parse(value) },
                },
                "--keep-within-yearly" => this with
                {
                    Policy = Policy with { WithinYearly = CalendarSpan.Parse(value) },
                },
                "--keep-tag" => this with { Policy = Policy with { Tags = [.. Policy.Tags, List(value)] } },
                "--host" => this with { Filter = Filter with { Hosts = [.. Filter.Hosts, value] } },
                "--path" => this with { Filter = Filter with { Paths = [.. Filter.Paths, value] } },
                "--tag" => this with { Filter = Filter with { TagLists = [.. Filter.TagLists, List(value)] } },
                "--group-by" => this with
                {
                    Grouping = value
                        .Split(',', StringSplitOptions.RemoveEmptyEntries)
                        .Aggregate(SnapshotGrouping.None, (sum, part) =>
                            sum | Enum.Parse<SnapshotGrouping>(part, ignoreCase: true)
                        ),
                },
                _ => throw new NotSupportedException($"The vectors use {name}, which this test does not know."),
            };
    }
}
