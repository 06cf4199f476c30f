using System.CommandLine;
using System.Net;
using Granary.DevCluster.Api;
using Granary.DevCluster.Controllers;
using Granary.DevCluster.Nodes;

var port = new Option<int>("--port") { Description = "Port to listen on; 0 takes a free one." };
var address = new Option<string>("--address")
{
    Description = "Address to listen on.",
    DefaultValueFactory = _ => "127.0.0.1",
};
var kubeconfig = new Option<string>("--kubeconfig")
{
    Description = "File to write the administrator's kubeconfig to.",
    DefaultValueFactory = _ => "devcluster.kubeconfig",
};

var serve = new Command("serve", "Run the API server until it is interrupted.") { port, address, kubeconfig };
serve.SetAction(async (arguments, cancellationToken) =>
{
    using var logging = LoggerFactory.Create(l => l.AddSimpleConsole());
    await using var server = await ApiServer.StartAsync(
        new ApiServerOptions
        {
            Port = arguments.GetValue(port),
            Address = IPAddress.Parse(arguments.GetValue(address)!),
            Logging = logging,
        },
        cancellationToken);
    var path = server.WriteKubeconfig(arguments.GetValue(kubeconfig)!);
    Console.WriteLine($"{server.Address} export KUBECONFIG={Path.GetFullPath(path)}");
    try
    {
        await Task.Delay(Timeout.Infinite, cancellationToken);
    }
    catch (OperationCanceledException)
    {
        return 0;
    }

    return 0;
});

var root = new RootCommand("A small Kubernetes for tests and the demo.")
{
    serve, ControllersCommand.Create(), NodeCommand.Create(),
};
return await root.Parse(args).InvokeAsync();
