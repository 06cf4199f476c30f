using System.Reflection;
using k8s.Models;
using KubeOps.Abstractions.Entities.Attributes;
using KubeOps.Transpiler.Exceptions;

namespace KubeOps.Transpiler.Schemas;

/// <summary>Adds CEL rules, and refuses those that the API server would refuse.</summary>
internal static class ValidationRules
{
    private static readonly string[] Reasons =
    [
        "FieldValueRequired",
        "FieldValueForbidden",
        "FieldValueInvalid",
        "FieldValueDuplicate",
    ];

    /// <summary>Appends the member's rules: a type's come first because it is asked first.</summary>
    public static void Append(V1JSONSchemaProps schema, MemberInfo member)
    {
        foreach (var attribute in Attributes.All(member, typeof(ValidationRuleAttribute)))
        {
            var rule = new V1ValidationRule
            {
                Rule = attribute.Argument<string>(0),
                FieldPath = attribute.Argument<string>(1),
                Message = attribute.Argument<string>(2),
                MessageExpression = attribute.Argument<string>(3),
                Reason = attribute.Argument<string>(4),
            };
            Check(rule);
            schema.XKubernetesValidations = [.. schema.XKubernetesValidations ?? [], rule];
        }
    }

    private static void Check(V1ValidationRule rule)
    {
        if (string.IsNullOrWhiteSpace(rule.Rule))
        {
            throw new TranspilationFailedException("a validation rule must not be blank");
        }

        OneLine(rule.Message, "message");
        OneLine(rule.FieldPath, "field path");
        if (IsMultiLine(rule.Rule) && rule.Message is null)
        {
            throw new TranspilationFailedException("a validation rule of several lines needs a message");
        }

        if (rule.Reason is not null && !Reasons.Contains(rule.Reason))
        {
            throw new TranspilationFailedException(
                $"the reason '{rule.Reason}' of a validation rule is not one of {string.Join(", ", Reasons)}"
            );
        }
    }

    private static void OneLine(string? text, string what)
    {
        if (text is not null && (string.IsNullOrWhiteSpace(text) || IsMultiLine(text)))
        {
            throw new TranspilationFailedException($"the {what} of a validation rule must be one line and not blank");
        }
    }

    private static bool IsMultiLine(string text) => text.AsSpan().IndexOfAny('\r', '\n') >= 0;
}
