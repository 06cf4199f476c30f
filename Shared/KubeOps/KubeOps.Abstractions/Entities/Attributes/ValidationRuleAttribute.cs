namespace KubeOps.Abstractions.Entities.Attributes;

/// <summary>
/// A CEL rule: one entry of <c>x-kubernetes-validations</c>. Rules of the type come before the property's.
/// </summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Class, AllowMultiple = true)]
public sealed class ValidationRuleAttribute(
    string rule,
    string? fieldPath = null,
    string? message = null,
    string? messageExpression = null,
    string? reason = null
) : Attribute
{
    /// <summary>The CEL expression.</summary>
    public string Rule { get; } = rule;

    /// <summary>The field that a violation is reported at.</summary>
    public string? FieldPath { get; } = fieldPath;

    /// <summary>A one-line message; needed when the rule spans lines.</summary>
    public string? Message { get; } = message;

    /// <summary>A CEL expression that makes the message.</summary>
    public string? MessageExpression { get; } = messageExpression;

    /// <summary>FieldValueRequired, FieldValueForbidden, FieldValueInvalid or FieldValueDuplicate.</summary>
    public string? Reason { get; } = reason;
}
