using k8s;
using KubeOps.Abstractions.Builder;
using KubeOps.Operator;
using KubeOps.Operator.Health;
using KubeOps.Operator.Watcher;
using Microsoft.Extensions.Hosting;

namespace KubeOps.Tests.Cluster;

/// <summary>A running operator with the scripted controller, on a client of its own.</summary>
public sealed class OperatorUnderTest : IAsyncDisposable
{
    private readonly IHost _host;

    private OperatorUnderTest(IHost host, Script script)
    {
        _host = host;
        Script = script;
    }

    public Script Script { get; }

    public IServiceProvider Services => _host.Services;

    public WatchLiveness Liveness => Services.GetRequiredService<WatchLiveness>();

    public static async Task<OperatorUnderTest> StartAsync(
        ClusterFixture cluster,
        string @namespace,
        Script? script = null,
        Action<OperatorSettingsBuilder>? settings = null,
        Action<IOperatorBuilder>? parts = null,
        params DelegatingHandler[] handlers
    )
    {
        script ??= new Script();
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        var configuration = cluster.Server.CreateClientConfiguration();
        configuration.Namespace = @namespace;
        builder.Services.AddSingleton(configuration);
        builder.Services.AddSingleton<IKubernetes>(_ => new Kubernetes(configuration, handlers));
        builder.Services.AddSingleton(script);
        var @operator = builder.Services.AddKubernetesOperator(o =>
        {
            o.WithNamespace(@namespace).WithName("test-operator");
            settings?.Invoke(o);
        });
        @operator.AddController<ScriptedController, Widget>();
        parts?.Invoke(@operator);
        var host = builder.Build();
        await host.StartAsync(TestContext.Current.CancellationToken);
        return new OperatorUnderTest(host, script);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync(CancellationToken.None);
        _host.Dispose();
    }
}
