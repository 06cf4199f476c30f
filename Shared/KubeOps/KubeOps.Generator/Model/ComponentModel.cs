using Microsoft.CodeAnalysis;

namespace KubeOps.Generator.Model;

/// <summary>A controller or finalizer for one entity type.</summary>
internal sealed record ComponentModel(
    ComponentKind Kind,
    string Name,
    string FullName,
    EntityModel Entity,
    string? LabelSelector,
    string? FieldSelector,
    LocationModel? Location
);

/// <summary>The role of a component.</summary>
internal enum ComponentKind
{
    Controller,
    Finalizer,
}

/// <summary>A place in a source file, comparable by value.</summary>
internal sealed record LocationModel(
    string Path,
    int Start,
    int Length,
    int Line,
    int Column,
    int EndLine,
    int EndColumn
)
{
    public static LocationModel? Of(Location? location)
    {
        if (location is null || !location.IsInSource)
        {
            return null;
        }

        var lines = location.GetLineSpan();
        return new LocationModel(
            lines.Path,
            location.SourceSpan.Start,
            location.SourceSpan.Length,
            lines.StartLinePosition.Line,
            lines.StartLinePosition.Character,
            lines.EndLinePosition.Line,
            lines.EndLinePosition.Character
        );
    }

    public Location ToLocation() =>
        Location.Create(
            Path,
            new Microsoft.CodeAnalysis.Text.TextSpan(Start, Length),
            new Microsoft.CodeAnalysis.Text.LinePositionSpan(
                new Microsoft.CodeAnalysis.Text.LinePosition(Line, Column),
                new Microsoft.CodeAnalysis.Text.LinePosition(EndLine, EndColumn)
            )
        );
}
