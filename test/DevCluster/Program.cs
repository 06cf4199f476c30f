using System.CommandLine;
using Granary.DevCluster;
using Granary.DevCluster.Controllers;
using Granary.DevCluster.Nodes;

var root = new RootCommand("A small Kubernetes for tests and the demo.")
{
    ServeCommand.Create(),
    ControllersCommand.Create(),
    NodeCommand.Create(),
};
return await root.Parse(args).InvokeAsync();
