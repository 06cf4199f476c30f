using System.Reflection;
using System.Text;
using Granary.Manifests.Crds;

namespace Granary.Manifests.Reference;

/// <summary>Names that objects carry and users read, from the classes that declare them.</summary>
internal static class ConstantPages
{
    private static readonly (string Type, string Heading)[] Shown =
    [
        ("ConditionTypes", "Condition types"),
        ("ConditionReasons", "Condition reasons"),
        ("InvokerPhase", "Phases of a BackupConfiguration"),
        ("SessionPhase", "Phases of a BackupSession"),
        ("RestorePhase", "Phases of a RestoreSession"),
        ("TargetPhase", "Phases of a target"),
        ("HostPhase", "Phases of a host"),
        ("Annotations", "Annotations"),
        ("Labels", "Labels"),
        ("Finalizers", "Finalizers"),
        ("SecretKeys", "Keys of Secrets"),
    ];

    /// <exception cref="InvalidOperationException">A class that is to be shown is gone.</exception>
    public static void AddTo(ManifestFiles files, Assembly api, XmlDocs docs)
    {
        var page = new StringBuilder("# Conditions, phases and names\n");
        foreach (var (name, heading) in Shown)
        {
            var type = api.GetTypes().SingleOrDefault(type => type.Name == name && type.IsPublic)
                ?? throw new InvalidOperationException($"Shared/Api has no class {name}.");
            page.Append($"\n## {heading}\n\n| name | |\n| --- | --- |\n");
            foreach (var field in type.GetFields(BindingFlags.Public | BindingFlags.Static).Where(IsText))
            {
                page.Append($"| `{field.GetRawConstantValue()}` | {docs.Of(field)} |\n");
            }
        }

        files.AddPage("docs/reference/names.md", page.ToString());
    }

    private static bool IsText(FieldInfo field) => field.IsLiteral && field.FieldType.FullName == "System.String";
}
