using Granary.Api.Names;
using Granary.Api.Stash.V1Alpha1;
using Granary.Api.Stash.V1Beta1;
using Granary.Metrics;
using Granary.Operator.Admission;
using Granary.Operator.Backups;
using Granary.Operator.Cluster;
using Granary.Operator.Jobs;
using Granary.Operator.Monitoring;
using Granary.Operator.Repositories;
using Granary.Operator.Restores;
using Granary.Operator.Serving;
using Granary.Operator.Sessions;
using Granary.Operator.Tasks;
using k8s;
using KubeOps.Abstractions.Builder;
using KubeOps.Operator;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Prometheus;

namespace Granary.Operator;

/// <summary>Puts the operator together. Nothing here contacts the cluster before the host starts.</summary>
internal static class OperatorHost
{
    /// <summary>Name of the operator: of its lease, its Events and its metrics.</summary>
    public const string Name = "granary-operator";

    /// <summary>A gateway that does not answer must not hold up the end of a session.</summary>
    private static readonly TimeSpan PushTimeout = TimeSpan.FromSeconds(10);

    /// <param name="replace">Registrations that come first and thereby win: a test's client, its clock.</param>
    public static WebApplication Build(OperatorOptions options, Action<IServiceCollection>? replace = null)
    {
        var builder = WebApplication.CreateBuilder();
        builder
            .Logging.ClearProviders()
            .AddSimpleConsole(console =>
            {
                console.SingleLine = true;
                console.UseUtcTimestamp = true;
                console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
            });
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        replace?.Invoke(builder.Services);
        AddParts(builder.Services, options);
        AddOperator(builder.Services, options);
        AddServer(builder, options);

        var app = builder.Build();
        if (options.EnableWebhooks)
        {
            app.Use(Requester.RememberAsync);
            app.MapControllers();
        }

        app.MapHealthChecks("/healthz", Liveness.Endpoint);
        app.MapGet("/readyz", (WebhookCertificates certificates) =>
            certificates.Current is null
                ? Results.Text(
                    "the serving certificate is not there yet",
                    statusCode: StatusCodes.Status503ServiceUnavailable
                )
                : Results.Text("ok")
        );
        app.MapMetrics();
        return app;
    }

    /// <summary>What is our own. It leans on nothing that only our slice of KubeOps registers.</summary>
    internal static void AddParts(IServiceCollection services, OperatorOptions options)
    {
        services.AddSingleton(options);
        services.TryAddSingleton(TimeProvider.System);
        services.AddHealthChecks();
        services.TryAddSingleton(_ => KubernetesClientConfiguration.BuildDefaultConfig());
        services.TryAddSingleton<IKubernetes>(provider => new Kubernetes(
            provider.GetRequiredService<KubernetesClientConfiguration>(),
            new ApiPatience(
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<ApiPatience>>()
            )
        ));
        services.AddSingleton<References>();
        services.AddSingleton<RepositoryLinks>();
        services.AddSingleton<ChildObjects>();
        services.AddSingleton<BackupInvokers>();
        services.AddSingleton<TriggerHealth>();
        services.AddSingleton<TaskReader>();
        services.AddSingleton<JobReader>();
        services.AddSingleton<JobStarter>();
        services.AddSingleton<BackupSessionSteps>();
        services.AddSingleton<RepositoryGrants>();
        services.AddSingleton<MaintenanceJobs>();
        services.AddSingleton<StatusWriter>();
        services.AddSingleton<Announcer>();
        services.AddSingleton<ReferenceChecks>();
        services.AddSingleton<AuthorRights>();
        services.AddSingleton(_ => new Pushgateway(
            new HttpClient(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(2) }),
            options.PushgatewayUrl,
            PushTimeout
        ));
        services.AddSingleton<WebhookCertificates>();
        services.AddHostedService(provider => provider.GetRequiredService<WebhookCertificates>());
    }

    internal static IOperatorBuilder AddOperator(IServiceCollection services, OperatorOptions options) =>
        services
            .AddKubernetesOperator(settings =>
                settings
                    .WithName(Name)
                    .WithNamespace(options.WatchNamespace.Length > 0 ? options.WatchNamespace : null)
                    .WithLeaderElection(options.LeaderElection ? LeaderElectionType.Single : LeaderElectionType.None)
                    // Jobs have no generation that tells of their end, and the worker writes status: every change
                    // counts.
                    .WithReconcileStrategy(ReconcileStrategy.ByResourceVersion)
                    // The finalizers' names are Stash's, which KubeOps cannot derive: see FinalizerAttachment.
                    .WithAutoAttachFinalizers(false)
                    // Without a limit: KubeOps drops an object for good after the last retry.
                    .WithParallelReconciliation(parallel =>
                        parallel
                            .WithMaxParallelReconciliations(options.MaxParallelReconciles)
                            .WithMaxErrorRetries(int.MaxValue)
                    )
            )
            .AddFinalizer<RepositoryFinalizer, Repository>(Finalizers.Repository)
            .AddFinalizer<BackupConfigurationFinalizer, BackupConfiguration>(Finalizers.Invoker)
            .AddFinalizer<RestoreSessionFinalizer, RestoreSession>(Finalizers.Invoker)
            .RegisterComponents();

    private static void AddServer(WebApplicationBuilder builder, OperatorOptions options)
    {
        if (options.EnableWebhooks)
        {
            builder.Services.AddControllers().AddApplicationPart(typeof(OperatorHost).Assembly);
        }

        builder.WebHost.ConfigureKestrel(
            (_, server) =>
            {
                server.AddServerHeader = false;
                var services = server.ApplicationServices;
                Action<ListenOptions> withTls = listen =>
                    listen.UseHttps(https =>
                        https.ServerCertificateSelector = (_, _) =>
                            services.GetRequiredService<WebhookCertificates>().Current
                    );
                if (options.Address() is { } address)
                {
                    server.Listen(address, options.Port, withTls);
                }
                else
                {
                    server.ListenAnyIP(options.Port, withTls);
                }
            }
        );
    }
}
