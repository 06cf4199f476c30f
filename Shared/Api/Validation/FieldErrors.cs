using FluentValidation.Results;

namespace Granary.Api.Validation;

/// <summary>Says in one line what is wrong with an object.</summary>
public static class FieldErrors
{
    /// <summary>Each failure as <c>path: message</c>, separated by a semicolon; empty when there is none.</summary>
    public static string Describe(this ValidationResult result) => Describe(result.Errors);

    /// <summary>Each failure as <c>path: message</c>, separated by a semicolon; empty when there is none.</summary>
    public static string Describe(this IEnumerable<ValidationFailure> failures) =>
        string.Join("; ", failures.Select(failure => $"{failure.PropertyName}: {failure.ErrorMessage}"));
}
