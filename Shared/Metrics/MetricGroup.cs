using Granary.Api.Names;

namespace Granary.Metrics;

/// <summary>
/// By what the Pushgateway groups the series of one invoker. The job alone joins kind, namespace and name by dashes, in
/// which two invokers can meet; the labels beside it cannot.
/// </summary>
/// <param name="InvokerKind">Kind of the invoker, or RestoreSession.</param>
/// <param name="Namespace">Its namespace.</param>
/// <param name="InvokerName">Its name.</param>
public sealed record MetricGroup(string InvokerKind, string Namespace, string InvokerName)
{
    /// <summary>The series' label <c>job</c>. Source: stash-behaviour §5.1.</summary>
    public string Job => ObjectNames.MetricsJob(InvokerKind, Namespace, InvokerName);

    /// <summary>
    /// The path that a push goes to. <c>invoker_namespace</c> is not called <c>namespace</c>, since series of a
    /// repository have its namespace under that name, which a grouping label would overwrite.
    /// </summary>
    internal string Path =>
        $"metrics/job/{Escape(Job)}/invoker_namespace/{Escape(Namespace)}/invoker_name/{Escape(InvokerName)}";

    private static string Escape(string value) => Uri.EscapeDataString(value);
}
