// The kind Task and .NET's Task share a name; the bare one is .NET's.
global using StashTask = Granary.Api.Stash.V1Beta1.Task;
global using Task = System.Threading.Tasks.Task;
