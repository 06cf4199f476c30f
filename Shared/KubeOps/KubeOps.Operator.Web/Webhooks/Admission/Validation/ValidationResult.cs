using Microsoft.AspNetCore.Mvc;

namespace KubeOps.Operator.Web.Webhooks.Admission.Validation;

/// <summary>Whether a request is admitted.</summary>
public record ValidationResult(bool Valid = true) : IActionResult
{
    /// <summary>Why it is denied.</summary>
    public AdmissionStatus? Status { get; init; }

    /// <summary>What the user is warned of, also when the request is admitted.</summary>
    public IList<string> Warnings { get; init; } = [];

    /// <inheritdoc />
    public Task ExecuteResultAsync(ActionContext context) =>
        AdmissionResponse.WriteAsync(context.HttpContext, uid => new AdmissionResponseData(
            uid,
            Valid,
            Status,
            Warnings
        ));
}
