using System.Globalization;
using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Errors;

namespace Granary.DevCluster.Api.Schemas;

/// <summary>Range and step of numbers.</summary>
internal static class NumberValidator
{
    public static void Check(JsonValue value, Schema schema, string path, List<FieldError> errors)
    {
        var number = Number(value);
        if (
            schema.Maximum is { } maximum
            && (number > Number(maximum) || (schema.ExclusiveMaximum && number == Number(maximum)))
        )
        {
            var wanted = schema.ExclusiveMaximum ? "less than" : "less than or equal to";
            errors.Add(FieldError.Invalid(path, value, $"{path} in body should be {wanted} {maximum.ToJsonString()}"));
        }

        if (
            schema.Minimum is { } minimum
            && (number < Number(minimum) || (schema.ExclusiveMinimum && number == Number(minimum)))
        )
        {
            var wanted = schema.ExclusiveMinimum ? "greater than" : "greater than or equal to";
            errors.Add(FieldError.Invalid(path, value, $"{path} in body should be {wanted} {minimum.ToJsonString()}"));
        }

        if (schema.MultipleOf is { } step && Number(step) is var factor && factor != 0 && number % factor != 0)
        {
            errors.Add(
                FieldError.Invalid(path, value, $"{path} in body should be a multiple of {step.ToJsonString()}")
            );
        }

        if (schema.Format == "int32" && (number < int.MinValue || number > int.MaxValue))
        {
            errors.Add(
                FieldError.Invalid(path, value, $"{path} in body must be of type int32: \"{value.ToJsonString()}\"")
            );
        }
    }

    private static decimal Number(JsonNode node) =>
        decimal.TryParse(node.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? number
            : decimal.MaxValue;
}
