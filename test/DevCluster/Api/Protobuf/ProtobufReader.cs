using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Errors;
using Granary.DevCluster.Api.Json;

namespace Granary.DevCluster.Api.Protobuf;

/// <summary>
/// Reads the protobuf bodies that kubectl's typed commands send. Answers are JSON, which those clients accept too.
/// </summary>
/// <remarks>
/// Shape: <c>k8s\0</c>, then a message with the type (1: apiVersion, kind) and the object's bytes (2).
/// </remarks>
internal static class ProtobufReader
{
    public const string MediaType = "application/vnd.kubernetes.protobuf";

    private static ReadOnlySpan<byte> Magic => "k8s\0"u8;

    /// <exception cref="ApiStatusException">400: not such a body; 415: a kind whose fields are not known.</exception>
    public static JsonObject Parse(ReadOnlySpan<byte> body)
    {
        try
        {
            return ParseEnvelope(body);
        }
        catch (Exception e) when (e is InvalidDataException or OverflowException or ArgumentException)
        {
            throw ApiErrors.BadRequest($"provided data does not appear to be a protobuf message: {e.Message}");
        }
    }

    private static JsonObject ParseEnvelope(ReadOnlySpan<byte> body)
    {
        if (!body.StartsWith(Magic))
        {
            throw new InvalidDataException("expected prefix [107 56 115 0]");
        }

        var apiVersion = string.Empty;
        var kind = string.Empty;
        ReadOnlySpan<byte> raw = default;
        var envelope = new WireReader(body[Magic.Length..]);
        while (envelope.TryRead(out var number, out _, out var payload))
        {
            if (number == 1)
            {
                var type = new WireReader(payload);
                while (type.TryRead(out var field, out _, out var text))
                {
                    apiVersion = field == 1 ? Encoding.UTF8.GetString(text) : apiVersion;
                    kind = field == 2 ? Encoding.UTF8.GetString(text) : kind;
                }
            }
            else if (number == 2)
            {
                raw = payload;
            }
        }

        // The options of a deletion come under the version of whatever is deleted.
        var name = kind == "DeleteOptions" ? kind : $"{apiVersion}/{kind}";
        var result = new JsonObject { ["kind"] = kind, ["apiVersion"] = apiVersion };
        ReadMessage(raw, MessageTable.Find(name) ?? throw UnknownKind(name), result);
        return result;
    }

    private static ApiStatusException UnknownKind(string name) =>
        new(415, "UnsupportedMediaType", $"{name} is not understood as protobuf here; send JSON");

    private static void ReadMessage(
        ReadOnlySpan<byte> bytes,
        IReadOnlyDictionary<int, MessageField> fields,
        JsonObject target
    )
    {
        var reader = new WireReader(bytes);
        while (reader.TryRead(out var number, out var value, out var payload))
        {
            if (fields.TryGetValue(number, out var field))
            {
                Put(field, value, payload, target);
            }
        }
    }

    private static void Put(MessageField field, ulong value, ReadOnlySpan<byte> payload, JsonObject target)
    {
        switch (field.Shape)
        {
            case FieldShape.Inline:
                ReadMessage(payload, MessageTable.Find(field.Type)!, target);
                break;
            case FieldShape.List:
                target.List(field.Name).Add(Value(field.Type, value, payload));
                break;
            case FieldShape.Map:
                PutEntry(field, payload, target.Child(field.Name));
                break;
            default:
                var node = Value(field.Type, value, payload);
                if (field.KeepsZero || !IsZero(node))
                {
                    target[field.Name] = node;
                }

                break;
        }
    }

    private static void PutEntry(MessageField field, ReadOnlySpan<byte> payload, JsonObject map)
    {
        var key = string.Empty;
        JsonNode? entry = Value(field.Type, 0, default);
        var reader = new WireReader(payload);
        while (reader.TryRead(out var number, out var value, out var inner))
        {
            if (number == 1)
            {
                key = Encoding.UTF8.GetString(inner);
            }
            else if (number == 2)
            {
                entry = Value(field.Type, value, inner);
            }
        }

        map[key] = entry;
    }

    private static JsonNode? Value(string type, ulong value, ReadOnlySpan<byte> payload)
    {
        switch (type)
        {
            case "string":
                return JsonValue.Create(Encoding.UTF8.GetString(payload));
            case "bytes":
                return JsonValue.Create(Convert.ToBase64String(payload));
            case "int":
                return JsonValue.Create((long)value);
            case "bool":
                return JsonValue.Create(value != 0);
            case "Time" or "MicroTime":
                return Time(payload, type == "MicroTime" ? "yyyy-MM-ddTHH:mm:ss.ffffffZ" : "yyyy-MM-ddTHH:mm:ssZ");
            case "Quantity":
                return JsonValue.Create(FirstText(payload));
            case "IntOrString":
                return IntOrString(payload);
            default:
                var message = new JsonObject();
                ReadMessage(payload, MessageTable.Find(type)!, message);
                return message;
        }
    }

    private static JsonValue? Time(ReadOnlySpan<byte> payload, string format)
    {
        long seconds = 0;
        long nanos = 0;
        var reader = new WireReader(payload);
        while (reader.TryRead(out var number, out var value, out _))
        {
            seconds = number == 1 ? (long)value : seconds;
            nanos = number == 2 ? (long)value : nanos;
        }

        return seconds == 0
            ? null
            : JsonValue.Create(
                DateTimeOffset
                    .FromUnixTimeSeconds(seconds)
                    .AddTicks(nanos / 100)
                    .UtcDateTime.ToString(format, CultureInfo.InvariantCulture)
            );
    }

    private static JsonValue IntOrString(ReadOnlySpan<byte> payload)
    {
        ulong type = 0;
        long number = 0;
        var text = string.Empty;
        var reader = new WireReader(payload);
        while (reader.TryRead(out var field, out var value, out var inner))
        {
            switch (field)
            {
                case 1:
                    type = value;
                    break;
                case 2:
                    number = (long)value;
                    break;
                default:
                    text = Encoding.UTF8.GetString(inner);
                    break;
            }
        }

        return type == 0 ? JsonValue.Create(number) : JsonValue.Create(text);
    }

    private static string FirstText(ReadOnlySpan<byte> payload)
    {
        var text = string.Empty;
        var reader = new WireReader(payload);
        while (reader.TryRead(out var number, out _, out var inner))
        {
            text = number == 1 ? Encoding.UTF8.GetString(inner) : text;
        }

        return text;
    }

    private static bool IsZero(JsonNode? node) => node is null || node.ToJsonString() is "\"\"" or "0" or "false";
}
