using System.Text.Json;
using FluentValidation;
using FluentValidation.Results;

namespace Granary.Api.Validation;

/// <summary>
/// Validates a custom resource, and names what is wrong by its JSON path, such as
/// <c>spec.target.rules[1].snapshots</c>.
/// </summary>
public abstract class ResourceValidator<TEntity> : AbstractValidator<TEntity>
{
    /// <inheritdoc/>
    public override ValidationResult Validate(ValidationContext<TEntity> context) =>
        WithJsonPaths(base.Validate(context));

    /// <inheritdoc/>
    public override async Task<ValidationResult> ValidateAsync(
        ValidationContext<TEntity> context,
        CancellationToken cancellation = default
    ) => WithJsonPaths(await base.ValidateAsync(context, cancellation));

    private static ValidationResult WithJsonPaths(ValidationResult result)
    {
        foreach (var failure in result.Errors)
        {
            failure.PropertyName = string.Join(
                '.',
                failure.PropertyName.Split('.').Select(JsonNamingPolicy.CamelCase.ConvertName)
            );
        }

        return result;
    }
}
