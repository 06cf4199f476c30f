using System.Reflection;
using Granary.Net;
using Granary.Operator;

if (args is ["--help"] or ["-h"])
{
    Console.Out.Write(OptionsBinder.Usage());
    return 0;
}

OperatorOptions options;
try
{
    options = OptionsBinder.Bind(args, Environment.GetEnvironmentVariables());
}
catch (OptionsException e)
{
    Console.Error.WriteLine($"operator: {e.Message}");
    return 2;
}

EnvironmentProxy.UseForAll();
await using var app = OperatorHost.Build(options);
var version = typeof(OperatorHost)
    .Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()
    ?.InformationalVersion
    ?? "";
app.Logger.Starting(
    version,
    options.WorkerImage,
    $"{(options.BindAddress.Length > 0 ? options.BindAddress : "*")}:{options.Port}"
);
await app.RunAsync();
return 0;
