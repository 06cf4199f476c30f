using System.Globalization;

namespace Granary.DevCluster.Api.Protobuf;

internal enum FieldShape
{
    One,
    List,
    Map,

    /// <summary>The fields of the message appear in its parent.</summary>
    Inline,
}

/// <param name="KeepsZero">Zero means zero, not absent.</param>
internal sealed record MessageField(string Name, string Type, FieldShape Shape, bool KeepsZero);

/// <summary>The fields of messages by number, from <c>messages.txt</c>.</summary>
internal static class MessageTable
{
    private static readonly Dictionary<string, Dictionary<int, MessageField>> Messages = Read();

    public static IReadOnlyDictionary<int, MessageField>? Find(string name) => Messages.GetValueOrDefault(name);

    private static Dictionary<string, Dictionary<int, MessageField>> Read()
    {
        using var stream = typeof(MessageTable).Assembly.GetManifestResourceStream("messages.txt")!;
        using var reader = new StreamReader(stream);
        var messages = new Dictionary<string, Dictionary<int, MessageField>>(StringComparer.Ordinal);
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('#') || line.IndexOf(": ", StringComparison.Ordinal) is not (> 0 and var colon))
            {
                continue;
            }

            messages[line[..colon]] = line[(colon + 2)..]
                .Split(' ')
                .Select(Field)
                .ToDictionary(f => f.Number, f => f.Field);
        }

        return messages;
    }

    private static (int Number, MessageField Field) Field(string text)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        var parts = text[(equals + 1)..].Split(':');
        var type = parts.Length > 1 ? parts[1] : "string";
        var shape =
            type.StartsWith("[]", StringComparison.Ordinal) ? FieldShape.List
            : type.StartsWith("{}", StringComparison.Ordinal) ? FieldShape.Map
            : type.StartsWith('^') ? FieldShape.Inline
            : FieldShape.One;
        var bare = type.TrimStart('[', ']', '{', '}', '^').TrimEnd('?');
        return (
            int.Parse(parts[0], CultureInfo.InvariantCulture),
            new MessageField(text[..equals], bare, shape, type.EndsWith('?'))
        );
    }
}
