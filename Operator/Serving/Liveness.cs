using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Granary.Operator.Serving;

/// <summary>How <c>/healthz</c> answers: 200 and <c>ok</c>, or 503 and what hangs, a line each.</summary>
/// <remarks>The checks come from the operator's runtime: oldest reconcile, age of each watch, lease.</remarks>
internal static class Liveness
{
    public static HealthCheckOptions Endpoint { get; } =
        new()
        {
            ResponseWriter = static (context, report) =>
            {
                context.Response.ContentType = "text/plain; charset=utf-8";
                return context.Response.WriteAsync(Describe(report), context.RequestAborted);
            },
        };

    private static string Describe(HealthReport report) =>
        report.Status == HealthStatus.Healthy
            ? "ok"
            : string.Join(
                '\n',
                report
                    .Entries.Where(entry => entry.Value.Status != HealthStatus.Healthy)
                    .Select(entry => $"{entry.Key}: {entry.Value.Description ?? entry.Value.Exception?.Message}")
            );
}
