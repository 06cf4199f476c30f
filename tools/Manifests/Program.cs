using System.CommandLine;
using Granary.Manifests;
using Granary.Manifests.Access;
using Granary.Manifests.Admission;
using Granary.Manifests.Catalog;
using Granary.Manifests.Crds;
using Granary.Manifests.Reference;

var root = new Option<DirectoryInfo>("--root") { Description = "Root of the checkout.", Required = true };
var api = new Option<FileInfo>("--api")
{
    Description = "The built assembly with the custom resources.",
    Required = true,
};
var program = new Option<FileInfo>("--operator")
{
    Description = "The built assembly of the operator.",
    Required = true,
};
var help = new Option<DirectoryInfo>("--help-texts")
{
    Description = "A folder with what the programs print of their flags: operator.txt, worker/<command>.txt.",
    Required = true,
};
var check = new Option<bool>("--check")
{
    Description = "Write nothing; fail and list the files that are not up to date.",
};

var command = new RootCommand("Writes the manifests that follow from code.") { root, api, program, help, check };
command.SetAction(arguments =>
{
    var apiFile = arguments.GetRequiredValue(api).FullName;
    var operatorFile = arguments.GetRequiredValue(program).FullName;
    using var assemblies = new BuiltAssemblies(apiFile, operatorFile);
    var files = new ManifestFiles(arguments.GetRequiredValue(root).FullName);
    var docs = XmlDocs.Beside(apiFile);
    FieldPages.AddTo(files, CrdManifests.AddTo(files, assemblies.Context, assemblies.Api, docs));
    ConstantPages.AddTo(files, assemblies.Api, docs);
    HelpPages.AddTo(files, arguments.GetRequiredValue(help));
    AccessManifests.AddTo(files, assemblies.Context, assemblies.Operator);
    WebhookManifest.AddTo(files, assemblies.Operator);
    PostgresCatalog.AddTo(files);
    return arguments.GetValue(check) ? files.Check(Console.Error) : files.Write(Console.Out);
});
return command.Parse(args).Invoke();
