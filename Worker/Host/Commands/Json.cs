using System.Text.Json;
using System.Text.Json.Serialization;

namespace Granary.Worker.Commands;

/// <summary>JSON as restic prints it: one line, snake_case names, nothing for what is absent.</summary>
internal static class Json
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>The value as one line.</summary>
    public static string Line<T>(T value) => JsonSerializer.Serialize(value, Options);
}
