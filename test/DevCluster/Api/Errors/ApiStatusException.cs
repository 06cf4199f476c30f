using System.Text.Json.Nodes;

namespace Granary.DevCluster.Api.Errors;

/// <summary>A request that ends with a Status of failure.</summary>
internal sealed class ApiStatusException(int code, string? reason, string message, JsonObject? details = null)
    : Exception(message)
{
    public int Code => code;

    public string? Reason => reason;

    /// <summary>Seconds for the Retry-After header.</summary>
    public int? RetryAfter => (int?)details?["retryAfterSeconds"]?.GetValue<int>();

    /// <summary>The Status object that the client receives.</summary>
    public JsonObject ToStatus()
    {
        var status = new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject(),
            ["status"] = "Failure",
            ["message"] = Message,
        };
        if (reason is not null)
        {
            status["reason"] = reason;
        }

        if (details is not null)
        {
            status["details"] = details.DeepClone();
        }

        status["code"] = code;
        return status;
    }
}
