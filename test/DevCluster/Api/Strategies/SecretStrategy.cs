using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Errors;
using Granary.DevCluster.Api.Json;

namespace Granary.DevCluster.Api.Strategies;

internal sealed class SecretStrategy : ResourceStrategy
{
    public override void Default(JsonObject value)
    {
        value.Default("type", "Opaque");
        foreach (var (key, text) in value.ObjectAt("stringData")?.ToArray() ?? [])
        {
            value.Child("data")[key] = Convert.ToBase64String(Encoding.UTF8.GetBytes(text?.GetValue<string>() ?? ""));
        }

        value.Remove("stringData");
        foreach (var (key, data) in value.ObjectAt("data")?.ToArray() ?? [])
        {
            if (data is null)
            {
                value.Child("data")[key] = string.Empty;
            }
        }
    }

    public override IEnumerable<FieldError> Validate(JsonObject value)
    {
        foreach (var error in DataKeys.Validate(value.ObjectAt("data"), "data"))
        {
            yield return error;
        }

        if (value.TextAt("type") is "kubernetes.io/tls")
        {
            foreach (var key in (string[])["tls.crt", "tls.key"])
            {
                if (value["data"].At(key) is null)
                {
                    yield return FieldError.Required($"data[{key}]");
                }
            }
        }
    }

    public override IEnumerable<FieldError> ValidateUpdate(JsonObject value, JsonObject old)
    {
        if (value.TextAt("type") != old.TextAt("type"))
        {
            yield return FieldError.Invalid("type", value["type"], "field is immutable");
        }

        if (old.FlagAt("immutable") && (!value.FlagAt("immutable") || !value["data"].SameAs(old["data"])))
        {
            yield return FieldError.Forbidden("data", "field is immutable when `immutable` is set");
        }
    }
}

internal sealed class ConfigMapStrategy : ResourceStrategy
{
    public override IEnumerable<FieldError> Validate(JsonObject value) =>
        DataKeys.Validate(value.ObjectAt("data"), "data");

    public override IEnumerable<FieldError> ValidateUpdate(JsonObject value, JsonObject old)
    {
        if (old.FlagAt("immutable") && (!value.FlagAt("immutable") || !value["data"].SameAs(old["data"])))
        {
            yield return FieldError.Forbidden("data", "field is immutable when `immutable` is set");
        }
    }
}

/// <summary>Keys of Secrets and ConfigMaps are file names.</summary>
internal static class DataKeys
{
    public static IEnumerable<FieldError> Validate(JsonObject? data, string field)
    {
        foreach (var (key, value) in data ?? [])
        {
            if (key.Length is 0 or > 253 || !key.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
            {
                yield return FieldError.Invalid(
                    $"{field}[{key}]",
                    key,
                    "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or "
                        + "'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"
                );
            }

            if (value.Kind() != JsonValueKind.String)
            {
                yield return FieldError.Invalid($"{field}[{key}]", value?.DeepClone(), "must be a string");
            }
        }
    }
}
