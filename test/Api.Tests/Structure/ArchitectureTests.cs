using System.Text.RegularExpressions;
using Granary.TestSupport;

namespace Granary.Api.Tests.Structure;

/// <summary>The code is held to what <c>docs/architecture.md</c> draws, and the page to the code.</summary>
public sealed partial class ArchitectureTests
{
    /// <summary>Projects whose namespaces still use each other in circles. None is added to this list.</summary>
    private static readonly string[] Tangled = ["DevCluster"];

    [Fact]
    public void Every_project_is_named_in_the_page_and_every_name_is_a_project()
    {
        var projects = Project.All.Select(project => project.Name).ToList();
        var drawn = Drawing.Arrows.Keys.Concat(Drawing.Arrows.Values.SelectMany(to => to)).Distinct();

        Assert.Empty(projects.Where(name => !Drawing.Text.Contains($"`{name}`", StringComparison.Ordinal)));
        Assert.Empty(projects.Except(Drawing.Arrows.Keys));
        Assert.Empty(drawn.Except(projects));
    }

    [Fact]
    public void A_project_refers_only_to_projects_that_an_arrow_leads_to() =>
        Assert.Empty(
            Project.All.SelectMany(project =>
                project
                    .References.Where(reference => !Drawing.Arrows[project.Name].Contains(reference))
                    .Select(reference => $"{project.Name} refers to {reference}")
            )
        );

    [Fact]
    public void A_file_names_only_namespaces_of_projects_that_an_arrow_leads_to() =>
        Assert.Empty(
            Project.All.SelectMany(project =>
                project
                    .Sources()
                    .SelectMany(file =>
                        UsedBy(file)
                            .Where(used => used != project && !Drawing.Arrows[project.Name].Contains(used.Name))
                            .Select(used => $"{file.Path} uses {used.Name}")
                    )
            )
        );

    [Fact]
    public void Every_arrow_is_used() =>
        Assert.Empty(
            Project.All.SelectMany(project =>
            {
                var used = project
                    .Sources()
                    .SelectMany(UsedBy)
                    .Select(one => one.Name)
                    .Concat(project.References)
                    .ToHashSet(StringComparer.Ordinal);
                return Drawing.Arrows[project.Name].Except(used).Select(name => $"{project.Name} → {name}");
            })
        );

    [Fact]
    public void Namespaces_of_a_project_form_no_circle() =>
        Assert.Empty(
            Project
                .All.Where(project => !Tangled.Contains(project.Name))
                .Select(project => Circle.In(NamespacesOf(project)))
                .Where(circle => circle.Count > 0)
                .Select(circle => string.Join(" → ", circle))
        );

    [Fact]
    public void Namespaces_with_an_order_use_only_those_before_them()
    {
        var wrong = new List<string>();
        foreach (var (name, order) in Drawing.Orders)
        {
            var project = Project.All.Single(one => one.Name == name);
            foreach (var (file, used) in NamespaceUse.In(project))
            {
                var (own, other) = (RoomOf(file.Namespace ?? "", project, order), RoomOf(used, project, order));
                if (own.Length > 0 && other.Length > 0 && own != other && Rank(order, other) >= Rank(order, own))
                {
                    wrong.Add($"{file.Path} uses {other}");
                }
            }
        }

        Assert.Equal(["Api", "Engine", "Operator"], Drawing.Orders.Keys.Order(StringComparer.Ordinal));
        Assert.Empty(wrong);
    }

    [Theory]
    [InlineData("docs/architecture.md")]
    [InlineData("README.md")]
    public void Every_place_that_a_page_names_is_there(string page)
    {
        var places = Place()
            .Matches(File.ReadAllText(Path.Combine(RepositoryRoot.Path, page)))
            .Select(match => match.Groups["path"].Value)
            .ToList();

        Assert.NotEmpty(places);
        Assert.Empty(places.Where(place => !Exists(place)));
    }

    private static IEnumerable<Project> UsedBy(SourceFile file) =>
        file.Usings.Select(Project.OfNamespace).OfType<Project>().Distinct();

    /// <summary>What each namespace uses within its project; the root serves or joins the others.</summary>
    private static Dictionary<string, IReadOnlySet<string>> NamespacesOf(Project project) =>
        NamespaceUse
            .In(project)
            .Where(use => use.File.Namespace != project.RootNamespace && use.Namespace != project.RootNamespace)
            .GroupBy(use => use.File.Namespace ?? "", use => use.Namespace)
            .ToDictionary(
                uses => uses.Key,
                uses => (IReadOnlySet<string>)uses.ToHashSet(StringComparer.Ordinal),
                StringComparer.Ordinal
            );

    /// <summary>The namespace of the order that another is or stands in; empty for the root.</summary>
    private static string RoomOf(string name, Project project, IReadOnlyList<IReadOnlyList<string>> order)
    {
        if (name == project.RootNamespace)
        {
            return "";
        }

        var below = name[(project.RootNamespace.Length + 1)..];
        return order
            .SelectMany(group => group)
            .Where(room => below == room || below.StartsWith(room + ".", StringComparison.Ordinal))
            .MaxBy(room => room.Length)
            ?? throw new ArgumentException($"The namespace {name} has no place in the order.", nameof(name));
    }

    private static int Rank(IReadOnlyList<IReadOnlyList<string>> order, string room) =>
        Enumerable.Range(0, order.Count).First(rank => order[rank].Contains(room));

    /// <summary>A folder, a file, or a file of code without its ending; an asterisk stands for any rest.</summary>
    private static bool Exists(string place)
    {
        var path = Path.Combine(RepositoryRoot.Path, place);
        if (!place.Contains('*', StringComparison.Ordinal))
        {
            return Directory.Exists(path) || File.Exists(path) || File.Exists(path + ".cs");
        }

        var folder = Path.GetDirectoryName(path) ?? "";
        return Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder, Path.GetFileName(path)).Any();
    }

    [GeneratedRegex(
        @"`(?<path>(Operator|Shared|Worker|test|tools|config|docs)/[\w./*-]+)`",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex Place();
}
