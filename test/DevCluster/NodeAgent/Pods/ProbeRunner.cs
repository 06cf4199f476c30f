using System.Diagnostics;
using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Granary.DevCluster.Nodes.Launching;
using k8s.Models;

namespace Granary.DevCluster.Nodes.Pods;

/// <summary>Asks a container how it is: by HTTP, by connecting, or by running a command inside of it.</summary>
internal sealed class ProbeRunner(string podIp, V1Container container, ContainerProcess process)
{
    private static readonly HttpClient Http = new(
        new SocketsHttpHandler
        {
            SslOptions = { RemoteCertificateValidationCallback = AcceptAnybody },
            PooledConnectionLifetime = TimeSpan.Zero,
            AllowAutoRedirect = false,
        }
    );

    // A probe asks whether the program answers, not who it is: kubelets do not verify either.
    private static bool AcceptAnybody(
        object sender,
        X509Certificate? certificate,
        X509Chain? chain,
        SslPolicyErrors errors
    ) => errors is SslPolicyErrors.None || certificate is not null;

    /// <summary>Null when all is well, else what is wrong.</summary>
    public async Task<string?> AskAsync(V1Probe probe, CancellationToken ct)
    {
        var timeout = TimeSpan.FromSeconds(probe.TimeoutSeconds ?? 1);
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limited.CancelAfter(timeout);
        try
        {
            return probe switch
            {
                { HttpGet: { } http } => await GetAsync(http, limited.Token),
                { TcpSocket: { } tcp } => await ConnectAsync(tcp, limited.Token),
                { Exec: { } exec } => await RunAsync(exec.Command, limited.Token),
                _ => null,
            };
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return $"no answer within {timeout.TotalSeconds} s";
        }
        catch (Exception e) when (e is HttpRequestException or SocketException or IOException)
        {
            return e.Message;
        }
    }

    /// <summary>Runs a command inside of the container; null on exit code 0, else its output.</summary>
    public async Task<string?> RunAsync(IList<string> command, CancellationToken ct)
    {
        var inside = process.Inside(command);
        var info = new ProcessStartInfo(inside[0])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach (var argument in inside.Skip(1))
        {
            info.ArgumentList.Add(argument);
        }

        info.Environment.Clear();
        foreach (var (name, value) in process.Environment)
        {
            info.Environment[name] = value;
        }

        using var running = Process.Start(info)!;
        running.StandardInput.Close();
        try
        {
            var output = running.StandardOutput.ReadToEndAsync(ct);
            var errors = running.StandardError.ReadToEndAsync(ct);
            await running.WaitForExitAsync(ct);
            var text = (await output + await errors).Trim();
            return running.ExitCode == 0 ? null
                : text.Length == 0 ? $"exit code {running.ExitCode}"
                : text[..Math.Min(text.Length, 512)];
        }
        finally
        {
            if (!running.HasExited)
            {
                running.Kill(entireProcessTree: true);
            }
        }
    }

    private async Task<string?> GetAsync(V1HTTPGetAction action, CancellationToken ct)
    {
        var host = string.IsNullOrEmpty(action.Host) ? podIp : action.Host;
        var path = string.IsNullOrEmpty(action.Path) ? "/" : action.Path;
        using var request = new HttpRequestMessage(
            HttpMethod.Get,
            $"{(action.Scheme ?? "HTTP").ToLowerInvariant()}://{host}:{Port(action.Port)}"
                + $"{(path[0] == '/' ? "" : "/")}{path}"
        );
        request.Headers.TryAddWithoutValidation("User-Agent", "kube-probe/1.36");
        foreach (var header in action.HttpHeaders ?? [])
        {
            request.Headers.TryAddWithoutValidation(header.Name, header.Value);
        }

        using var response = await Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
        var code = (int)response.StatusCode;
        return code is >= 200 and < 400 ? null : $"HTTP probe failed with statuscode: {code}";
    }

    private async Task<string?> ConnectAsync(V1TCPSocketAction action, CancellationToken ct)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(string.IsNullOrEmpty(action.Host) ? podIp : action.Host, Port(action.Port), ct);
        return null;
    }

    private int Port(IntOrString port) =>
        int.TryParse(port.Value, CultureInfo.InvariantCulture, out var number)
            ? number
            : container.Ports?.FirstOrDefault(named => named.Name == port.Value)?.ContainerPort ?? 0;
}
