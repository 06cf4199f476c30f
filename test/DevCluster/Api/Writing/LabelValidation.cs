using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Granary.DevCluster.Api.Errors;
using Granary.DevCluster.Api.Json;
using Granary.DevCluster.Api.Strategies;

namespace Granary.DevCluster.Api.Writing;

/// <summary>Keys and values of labels, keys of annotations, names of finalizers.</summary>
internal static partial class LabelValidation
{
    private const string NamePattern = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";

    public static IEnumerable<FieldError> Validate(JsonObject metadata)
    {
        foreach (var (key, value) in metadata.ObjectAt("labels") ?? [])
        {
            if (KeyComplaint(key) is { } complaint)
            {
                yield return FieldError.Invalid("metadata.labels", key, complaint);
            }

            var text = value?.GetValue<string>() ?? string.Empty;
            if (text.Length > 63)
            {
                yield return FieldError.Invalid("metadata.labels", text, "must be no more than 63 characters");
            }
            else if (text.Length > 0 && !Name().IsMatch(text))
            {
                yield return FieldError.Invalid(
                    "metadata.labels",
                    text,
                    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and "
                        + "must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or "
                        + $"'12345', regex used for validation is '({NamePattern})?')"
                );
            }
        }

        foreach (var (key, _) in metadata.ObjectAt("annotations") ?? [])
        {
            if (KeyComplaint(key.ToLowerInvariant()) is { } complaint)
            {
                yield return FieldError.Invalid("metadata.annotations", key, complaint);
            }
        }

        foreach (var finalizer in metadata.ArrayAt("finalizers").Texts())
        {
            if (KeyComplaint(finalizer) is { } complaint)
            {
                yield return FieldError.Invalid("metadata.finalizers", finalizer, complaint);
            }
        }
    }

    private static string? KeyComplaint(string key)
    {
        var parts = key.Split('/');
        var name = parts[^1];
        if (parts.Length > 2)
        {
            return "a qualified name must consist of alphanumeric characters, '-', '_' or '.', and must start and end "
                + "with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for "
                + $"validation is '{NamePattern}') with an optional DNS subdomain prefix and '/' "
                + "(e.g. 'example.com/MyName')";
        }

        if (parts.Length == 2 && Strategies.NameRules.Subdomain(parts[0]) is { } prefix)
        {
            return $"prefix part {prefix}";
        }

        return name.Length == 0 ? "name part must be non-empty"
            : name.Length > 63 ? "name part must be no more than 63 characters"
            : Name().IsMatch(name) ? null
            : "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
                + "alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
                + $"'{NamePattern}')";
    }

    [GeneratedRegex($"^{NamePattern}$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Name();
}
