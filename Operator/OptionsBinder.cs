using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Net;
using System.Reflection;
using System.Text;
using Granary.Api;
using Granary.Api.Names;

namespace Granary.Operator;

/// <summary>
/// Binds <see cref="OperatorOptions"/>. Arguments win over the environment; an unknown key is an error, never ignored.
/// </summary>
internal static class OptionsBinder
{
    /// <summary>
    /// The double underscore keeps clear of the variables that Kubernetes sets for a Service of the operator's own name
    /// (<c>GRANARY_OPERATOR_PORT=tcp://…</c>).
    /// </summary>
    public const string EnvironmentPrefix = "GRANARY_OPERATOR__";

    private static readonly Dictionary<string, PropertyInfo> Options = typeof(OperatorOptions)
        .GetProperties()
        .ToDictionary(property => Kebab(property.Name));

    /// <exception cref="OptionsException">A key is unknown, or a value cannot be used.</exception>
    public static OperatorOptions Bind(IReadOnlyList<string> arguments, IDictionary environment)
    {
        var options = new OperatorOptions
        {
            BindAddress = environment["POD_IP"] as string ?? "",
            Namespace = environment[PodNames.PodNamespaceVariable] as string ?? "",
        };
        foreach (DictionaryEntry entry in environment)
        {
            if (entry.Key is string name && name.StartsWith(EnvironmentPrefix, StringComparison.Ordinal))
            {
                var key = name[EnvironmentPrefix.Length..].ToLowerInvariant().Replace('_', '-');
                Set(options, key, entry.Value as string ?? "", name);
            }
        }

        for (var at = 0; at < arguments.Count; at++)
        {
            var (key, value) = Flag(arguments, ref at);
            Set(options, key, value, $"--{key}");
        }

        Check(options);
        return options;
    }

    /// <summary>One line for each flag with its default, for <c>--help</c>.</summary>
    public static string Usage()
    {
        var defaults = new OperatorOptions();
        var usage = new StringBuilder("Usage: operator [--flag=value …]\n\n");
        foreach (var (flag, property) in Options.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            var value = property.GetValue(defaults) is IReadOnlyList<string> list
                ? string.Join(',', list)
                : property.GetValue(defaults);
            usage.Append(CultureInfo.InvariantCulture, $"  --{flag}={value}\n");
        }

        return usage.ToString();
    }

    private static (string Key, string Value) Flag(IReadOnlyList<string> arguments, ref int at)
    {
        var argument = arguments[at];
        if (!argument.StartsWith("--", StringComparison.Ordinal))
        {
            throw new OptionsException(
                $"\"{argument}\" is not a flag; flags look like --worker-image=granary/worker:1.0"
            );
        }

        var equals = argument.IndexOf('=', StringComparison.Ordinal);
        if (equals > 0)
        {
            return (argument[2..equals], argument[(equals + 1)..]);
        }

        var key = argument[2..];
        if (Options.TryGetValue(key, out var property) && property.PropertyType == typeof(bool))
        {
            return (key, "true");
        }

        return at + 1 < arguments.Count ? (key, arguments[++at]) : throw new OptionsException($"--{key} has no value");
    }

    private static void Set(OperatorOptions options, string key, string value, string source)
    {
        if (!Options.TryGetValue(key, out var property))
        {
            throw new OptionsException(
                $"{source} is not an option; known are: {string.Join(", ", Options.Keys.Order(StringComparer.Ordinal))}"
            );
        }

        property.SetValue(options, Parse(property.PropertyType, value.Trim(), source));
    }

    private static object Parse(Type type, string value, string source)
    {
        try
        {
            return type == typeof(string) ? value
                : type == typeof(bool) ? bool.Parse(value)
                : type == typeof(int) ? int.Parse(value, CultureInfo.InvariantCulture)
                : type == typeof(TimeSpan) ? Api.GoDuration.Parse(value)
                : value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        }
        catch (FormatException)
        {
            throw new OptionsException($"{source}: \"{value}\" is not a {Describe(type)}");
        }
    }

    private static string Describe(Type type) =>
        type == typeof(bool) ? "boolean (true or false)"
        : type == typeof(int) ? "whole number"
        : "duration such as 30s or 10m";

    private static void Check(OperatorOptions options)
    {
        var results = new List<ValidationResult>();
        if (!Validator.TryValidateObject(options, new ValidationContext(options), results, validateAllProperties: true))
        {
            throw new OptionsException(string.Join("; ", results.Select(result => result.ErrorMessage)));
        }

        if (options.BindAddress.Length > 0 && !IPAddress.TryParse(options.BindAddress, out _))
        {
            throw new OptionsException($"--bind-address: \"{options.BindAddress}\" is not an IP address");
        }

        if (
            options.PushgatewayUrl.Length > 0
            && (
                !Uri.TryCreate(options.PushgatewayUrl, UriKind.Absolute, out var url)
                || url.Scheme is not ("http" or "https")
            )
        )
        {
            throw new OptionsException($"--pushgateway-url: \"{options.PushgatewayUrl}\" is not an http or https URL");
        }

        if (options.MetricsLabels.FirstOrDefault(label => label.IndexOf('=', StringComparison.Ordinal) < 1) is { } bad)
        {
            throw new OptionsException($"--metrics-labels: \"{bad}\" is not of the form key=value");
        }
    }

    private static string Kebab(string name)
    {
        var kebab = new StringBuilder(name.Length + 4);
        foreach (var character in name)
        {
            if (char.IsAsciiLetterUpper(character) && kebab.Length > 0)
            {
                kebab.Append('-');
            }

            kebab.Append(char.ToLowerInvariant(character));
        }

        return kebab.ToString();
    }
}

/// <summary>The operator cannot start with the options it was given.</summary>
internal sealed class OptionsException(string message) : Exception(message);
