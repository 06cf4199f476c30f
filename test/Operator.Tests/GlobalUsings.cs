global using StashTask = Granary.Api.Stash.V1Beta1.Task;
global using Task = System.Threading.Tasks.Task;
