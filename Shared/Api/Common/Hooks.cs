using k8s.Models;
using KubeOps.Abstractions.Entities.Attributes;

namespace Granary.Api.Common;

/// <summary>What runs before and after a backup.</summary>
public sealed class BackupHooks
{
    /// <summary>Runs before the backup; if it fails there is none.</summary>
    public Handler? PreBackup { get; set; }

    /// <summary>Runs after the backup, as its execution policy says.</summary>
    public PostBackupHook? PostBackup { get; set; }
}

/// <summary>What runs before and after a restore.</summary>
public sealed class RestoreHooks
{
    /// <summary>Runs before the restore; if it fails there is none.</summary>
    public Handler? PreRestore { get; set; }

    /// <summary>Runs after the restore, as its execution policy says.</summary>
    public PostRestoreHook? PostRestore { get; set; }
}

/// <summary>
/// One or more actions; they run in the order exec, httpGet, httpPost, tcpSocket, and any failure fails the hook.
/// </summary>
public class Handler
{
    /// <summary>Runs a command in a container of the application.</summary>
    public V1ExecAction? Exec { get; set; }

    /// <summary>Sends a GET request; 200 to 399 is success.</summary>
    public HttpGetAction? HttpGet { get; set; }

    /// <summary>Sends a POST request; 200 to 399 is success.</summary>
    public HttpPostAction? HttpPost { get; set; }

    /// <summary>Opens a connection.</summary>
    public TcpSocketAction? TcpSocket { get; set; }

    /// <summary>Container that runs the command and whose port names count; the pod's first when absent.</summary>
    [Pattern(DnsName.LabelPattern), Length(maxLength: DnsName.MaxLabel)]
    public string? ContainerName { get; set; }
}

/// <summary>A handler that runs after a backup.</summary>
public sealed class PostBackupHook : Handler
{
    /// <summary>When the hook runs.</summary>
    [EnumValues(
        Common.ExecutionPolicy.Always,
        Common.ExecutionPolicy.OnSuccess,
        Common.ExecutionPolicy.OnFailure,
        Common.ExecutionPolicy.OnFinalRetryFailure
    )]
    [DefaultValue(Common.ExecutionPolicy.Always)]
    public string? ExecutionPolicy { get; set; }
}

/// <summary>A handler that runs after a restore.</summary>
public sealed class PostRestoreHook : Handler
{
    /// <summary>When the hook runs.</summary>
    [EnumValues(Common.ExecutionPolicy.Always, Common.ExecutionPolicy.OnSuccess, Common.ExecutionPolicy.OnFailure)]
    [DefaultValue(Common.ExecutionPolicy.Always)]
    public string? ExecutionPolicy { get; set; }
}

/// <summary>When a hook runs after a session.</summary>
public static class ExecutionPolicy
{
    public const string Always = "Always";
    public const string OnSuccess = "OnSuccess";
    public const string OnFailure = "OnFailure";

    /// <summary>After a failure with no retry left; for backups only.</summary>
    public const string OnFinalRetryFailure = "OnFinalRetryFailure";
}

/// <summary>An HTTP GET request.</summary>
public class HttpGetAction
{
    /// <summary>Host to connect to; the application's pod when absent.</summary>
    public string? Host { get; set; }

    /// <summary>Path of the request.</summary>
    public string? Path { get; set; }

    /// <summary>Port as a number, or the name of a container's port.</summary>
    [Required]
    public IntOrString Port { get; set; } = null!;

    /// <summary>HTTP or HTTPS; HTTP when absent.</summary>
    public string? Scheme { get; set; }

    /// <summary>Headers to send.</summary>
    public List<HttpHeader>? HttpHeaders { get; set; }
}

/// <summary>An HTTP POST request with a body or a form.</summary>
public sealed class HttpPostAction : HttpGetAction
{
    /// <summary>The body as it is sent; may be a template.</summary>
    public string? Body { get; set; }

    /// <summary>Form fields, sent url-encoded.</summary>
    public List<FormEntry>? Form { get; set; }
}

/// <summary>One HTTP header.</summary>
public sealed class HttpHeader
{
    /// <summary>Name of the header.</summary>
    [Required]
    public string Name { get; set; } = string.Empty;

    /// <summary>Its value.</summary>
    [Required]
    public string Value { get; set; } = string.Empty;
}

/// <summary>One form field.</summary>
public sealed class FormEntry
{
    /// <summary>Name of the field.</summary>
    public string? Key { get; set; }

    /// <summary>Its values.</summary>
    public List<string>? Values { get; set; }
}

/// <summary>A TCP connection.</summary>
public sealed class TcpSocketAction
{
    /// <summary>Host to connect to; the application's pod when absent.</summary>
    public string? Host { get; set; }

    /// <summary>Port as a number, or the name of a container's port.</summary>
    [Required]
    public IntOrString Port { get; set; } = null!;
}
