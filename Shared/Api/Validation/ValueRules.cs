using FluentValidation;
using Granary.Api.Names;

namespace Granary.Api.Validation;

/// <summary>Rules about single values that several kinds share.</summary>
internal static class ValueRules
{
    /// <summary>Text is given.</summary>
    public static IRuleBuilderOptions<T, string?> Given<T>(this IRuleBuilder<T, string?> rule, string hint) =>
        rule.Must(value => !string.IsNullOrWhiteSpace(value)).WithMessage($"Required value: {hint}");

    /// <summary>Text is absent, or can be the name of an object. What it is instead is shown shortened.</summary>
    public static IRuleBuilderOptions<T, string?> ObjectName<T>(this IRuleBuilder<T, string?> rule) =>
        rule.Must(value => string.IsNullOrEmpty(value) || DnsName.IsSubdomain(value))
            .WithMessage(
                (_, value) =>
                    $"Invalid value: \"{DnsName.Shown(value)}\": the name of an object has lower case letters, digits,"
                    + $" '-' and '.', begins and ends with a letter or digit,"
                    + $" and is at most {DnsName.MaxSubdomain} long"
            );

    /// <summary>Text is absent, or can be the name of a namespace.</summary>
    public static IRuleBuilderOptions<T, string?> NamespaceName<T>(this IRuleBuilder<T, string?> rule) =>
        rule.Must(value => string.IsNullOrEmpty(value) || DnsName.IsLabel(value))
            .WithMessage(
                (_, value) =>
                    $"Invalid value: \"{DnsName.Shown(value)}\": the name of a namespace has lower case letters, digits"
                    + $" and '-', begins and ends with a letter or digit, and is at most {DnsName.MaxLabel} long"
            );

    /// <summary>A number is not negative.</summary>
    public static IRuleBuilderOptions<T, long?> NotNegative<T>(this IRuleBuilder<T, long?> rule) =>
        rule.Must(value => value is null or >= 0).WithMessage("Invalid value: {PropertyValue}: must not be negative");

    /// <summary>A number is not negative.</summary>
    public static IRuleBuilderOptions<T, int?> NotNegative<T>(this IRuleBuilder<T, int?> rule) =>
        rule.Must(value => value is null or >= 0).WithMessage("Invalid value: {PropertyValue}: must not be negative");

    /// <summary>Text is absent, or a Go duration above zero.</summary>
    public static IRuleBuilderOptions<T, string?> PositiveDuration<T>(this IRuleBuilder<T, string?> rule) =>
        rule.Must(value => value is null || (GoDuration.TryParse(value, out var duration) && duration > TimeSpan.Zero))
            .WithMessage("Invalid value: \"{PropertyValue}\": must be a duration above zero such as 30s or 1h30m");

    /// <summary>Text is absent, or a Go duration that is not negative.</summary>
    public static IRuleBuilderOptions<T, string?> Duration<T>(this IRuleBuilder<T, string?> rule) =>
        rule.Must(value => value is null || (GoDuration.TryParse(value, out var duration) && duration >= TimeSpan.Zero))
            .WithMessage("Invalid value: \"{PropertyValue}\": must be a duration such as 30s or 1h30m");

    /// <summary>Text is a schedule that Kubernetes accepts.</summary>
    public static void Schedule<T>(this IRuleBuilder<T, string?> rule, TimeProvider time) =>
        rule.Custom(
            (value, context) =>
            {
                if (string.IsNullOrWhiteSpace(value))
                {
                    context.AddFailure("Required value: a cron expression such as \"0 3 * * *\"");
                }
                else if (CronSyntax.Problem(value, time.GetUtcNow()) is { } problem)
                {
                    context.AddFailure($"Invalid value: \"{value}\": {problem}");
                }
            }
        );
}
