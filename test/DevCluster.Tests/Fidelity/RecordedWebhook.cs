using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Granary.DevCluster.Tests.Fidelity;

/// <summary>
/// The webhook that answered in the recordings: by the name of the object it denies, warns, sleeps or allows.
/// </summary>
internal sealed class RecordedWebhook : IAsyncDisposable
{
    /// <summary>
    /// How long the API server waited for an answer when it was recorded, which a busy machine may need for the first
    /// handshake alone.
    /// </summary>
    public const int RecordedSeconds = 1;

    /// <summary>How long it waits here, except where an answer is to come too late.</summary>
    public const int PatientSeconds = 30;

    private readonly WebApplication _app;
    private readonly List<JsonObject> _reviews = [];

    private RecordedWebhook(WebApplication app, string authority)
    {
        _app = app;
        Authority = authority;
    }

    /// <summary>The certificate to trust, as webhook configurations carry it.</summary>
    public string Authority { get; }

    public int Port => new Uri(_app.Urls.First()).Port;

    /// <summary>What was received, in order, in the form of the recording.</summary>
    public JsonArray Reviews
    {
        get
        {
            lock (_reviews)
            {
                return new JsonArray([.. _reviews.Select(r => r.DeepClone())]);
            }
        }
    }

    public static async Task<RecordedWebhook> StartAsync()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var now = DateTimeOffset.UtcNow;
        using var made = request.CreateSelfSigned(now.AddHours(-1), now.AddHours(1));
        var certificate = X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pfx), null);

        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0, l => l.UseHttps(certificate)));
        var app = builder.Build();
        var authority = Convert.ToBase64String(Encoding.ASCII.GetBytes(certificate.ExportCertificatePem()));
        var webhook = new RecordedWebhook(app, authority);
        app.Run(webhook.AnswerAsync);
        await app.StartAsync();
        return webhook;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext http)
    {
        var review = (await JsonNode.ParseAsync(http.Request.Body))!.AsObject();
        lock (_reviews)
        {
            _reviews.Add(
                new JsonObject
                {
                    ["path"] = (http.Request.Path + http.Request.QueryString.ToString()).Replace(
                        $"timeout={PatientSeconds}s",
                        $"timeout={RecordedSeconds}s",
                        StringComparison.Ordinal
                    ),
                    ["contentType"] = http.Request.ContentType,
                    ["review"] = review.DeepClone(),
                }
            );
        }

        var name = review["request"]!["name"]?.GetValue<string>() ?? string.Empty;
        var response = new JsonObject { ["uid"] = review["request"]!["uid"]!.DeepClone() };
        switch (name)
        {
            case "adm-deny":
                response["allowed"] = false;
                response["status"] = new JsonObject
                {
                    ["code"] = 422,
                    ["reason"] = "Invalid",
                    ["message"] = "spec.schedule: not a cron expression",
                };
                break;
            case "adm-plain":
                response["allowed"] = false;
                break;
            case "adm-warn":
                response["allowed"] = true;
                response["warnings"] = new JsonArray("Repository vec/none not found yet", "second warning");
                break;
            case "adm-slow":
                await Task.Delay(TimeSpan.FromSeconds(10), http.RequestAborted)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                response["allowed"] = true;
                break;
            default:
                response["allowed"] = true;
                break;
        }

        http.Response.ContentType = "application/json";
        await http.Response.WriteAsync(
            new JsonObject
            {
                ["apiVersion"] = "admission.k8s.io/v1",
                ["kind"] = "AdmissionReview",
                ["response"] = response,
            }.ToJsonString()
        );
    }
}
