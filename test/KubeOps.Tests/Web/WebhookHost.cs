using System.Text;
using System.Text.Json.Nodes;
using KubeOps.Operator.Web.Webhooks.Admission.Mutation;
using KubeOps.Operator.Web.Webhooks.Admission.Validation;
using KubeOps.Tests.Cluster;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace KubeOps.Tests.Web;

/// <summary>A web server with the webhooks of this assembly, reached over loopback.</summary>
public sealed class WebhookHost : IAsyncLifetime
{
    private readonly HttpClient _client = new();
    private WebApplication? _app;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddControllers().AddApplicationPart(typeof(WebhookHost).Assembly);
        _app = builder.Build();
        _app.MapControllers();
        await _app.StartAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        if (_app is not null)
        {
            await _app.DisposeAsync();
        }
    }

    public async Task<(int Status, JsonNode? Response)> AskAsync(string path, string request)
    {
        using var content = new StringContent(
            $$"""{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{{request}}}""",
            Encoding.UTF8,
            "application/json"
        );
        using var response = await _client.PostAsync(
            new Uri(new Uri(_app!.Urls.First()), path),
            content,
            TestContext.Current.CancellationToken
        );
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return ((int)response.StatusCode, text.Length == 0 ? null : JsonNode.Parse(text)?["response"]);
    }
}

[ValidationWebhook(typeof(Widget))]
public sealed class WidgetValidator : ValidationWebhook<Widget>
{
    public override ValidationResult Create(Widget entity, bool dryRun) =>
        entity.Spec.Color switch
        {
            "red" => Fail("no red"),
            "black" => Fail("no black", 403),
            "blank" => Fail(),
            "dry" => Success($"dry run {dryRun}"),
            _ => Success(),
        };

    public override Task<ValidationResult> UpdateAsync(
        Widget oldEntity,
        Widget newEntity,
        bool dryRun,
        CancellationToken cancellationToken
    ) => Task.FromResult(oldEntity.Spec.Color == newEntity.Spec.Color ? Success("same") : Fail("color is fixed"));

    public override ValidationResult Delete(Widget entity, bool dryRun) => Fail($"{entity.Spec.Color} stays");
}

[MutationWebhook(typeof(Widget))]
public sealed class WidgetMutator : MutationWebhook<Widget>
{
    public override MutationResult<Widget> Create(Widget entity, bool dryRun)
    {
        if (entity.Spec.Color is not null)
        {
            return entity.Spec.Color == "red" ? Fail("no red") : NoChanges();
        }

        entity.Spec.Color = "grey";
        return Modified(entity, "painted");
    }
}
