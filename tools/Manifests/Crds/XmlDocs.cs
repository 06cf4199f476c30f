using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Granary.Manifests.Crds;

/// <summary>The summaries that stand in the code, for <c>kubectl explain</c>.</summary>
internal sealed partial class XmlDocs
{
    private readonly Dictionary<string, string> _summaries;

    private XmlDocs(XDocument document) =>
        _summaries = document
            .Descendants("member")
            .Where(member => member.Element("summary") is not null)
            .ToDictionary(
                member => member.Attribute("name")!.Value,
                member => Text(member.Element("summary")!),
                StringComparer.Ordinal
            );

    /// <summary>Reads the documentation file that the compiler writes beside an assembly.</summary>
    public static XmlDocs Beside(string assemblyFile) =>
        new(XDocument.Load(Path.ChangeExtension(assemblyFile, ".xml")));

    /// <summary>A type's summary, or null.</summary>
    public string? Of(Type type) => _summaries.GetValueOrDefault($"T:{type.FullName}");

    /// <summary>A property's summary, or null.</summary>
    public string? Of(PropertyInfo property) =>
        _summaries.GetValueOrDefault($"P:{property.DeclaringType!.FullName}.{property.Name}");

    /// <summary>A constant's summary, or nothing.</summary>
    public string Of(FieldInfo field) =>
        _summaries.GetValueOrDefault($"F:{field.DeclaringType!.FullName}.{field.Name}") ?? "";

    /// <summary>Tags lose their brackets: <c>see</c> becomes the name it points to, the others their content.</summary>
    private static string Text(XElement summary)
    {
        var words = string.Concat(
            summary
                .DescendantNodes()
                .Select(node =>
                    node switch
                    {
                        XText text => text.Value,
                        XElement element when element.Attribute("cref") is { } reference => reference.Value.Split(
                            '.',
                            ':'
                        )[^1],
                        _ => "",
                    }
                )
        );
        return Spaces().Replace(words, " ").Trim();
    }

    [GeneratedRegex(@"\s+", RegexOptions.NonBacktracking)]
    private static partial Regex Spaces();
}
