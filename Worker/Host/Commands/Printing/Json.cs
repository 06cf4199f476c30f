using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Granary.Engine.Maintenance;

namespace Granary.Worker.Commands.Printing;

/// <summary>JSON as restic prints it: one line, snake_case names, nothing for what is absent.</summary>
internal static class Json
{
    /// <summary>The value as one line.</summary>
    /// <param name="value">What is printed.</param>
    /// <param name="type">Its type in <see cref="PrintedJson"/>.</param>
    public static string Line<T>(T value, JsonTypeInfo<T> type) => JsonSerializer.Serialize(value, type);
}

/// <summary>
/// All that commands print as JSON. Written out at compile time: the program that ships cannot look at types while it
/// runs.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull
)]
[JsonSerializable(typeof(PrintedBackup))]
[JsonSerializable(typeof(PrintedBlob))]
[JsonSerializable(typeof(PrintedCheck))]
[JsonSerializable(typeof(PrintedFailure))]
[JsonSerializable(typeof(PrintedInit))]
[JsonSerializable(typeof(PrintedKeyChange))]
[JsonSerializable(typeof(PrintedPrune))]
[JsonSerializable(typeof(PrintedRepair))]
[JsonSerializable(typeof(PrintedUnlock))]
[JsonSerializable(typeof(IEnumerable<PrintedGroup>))]
[JsonSerializable(typeof(IEnumerable<PrintedKey>))]
[JsonSerializable(typeof(IEnumerable<PrintedSnapshot>))]
[JsonSerializable(typeof(IReadOnlyList<string>))]
[JsonSerializable(typeof(MigrationPlan))]
[JsonSerializable(typeof(RepositoryStats))]
internal sealed partial class PrintedJson : JsonSerializerContext;
