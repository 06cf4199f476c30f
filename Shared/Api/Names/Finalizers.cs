namespace Granary.Api.Names;

/// <summary>Names of finalizers. Source: stash-behaviour §1.14.</summary>
public static class Finalizers
{
    /// <summary>
    /// Stash's finalizer on invokers and restores; foreign to KubeOps, so ours differ (see Operator/Finalizers).
    /// </summary>
    public const string Invoker = "stash.appscode.com";

    /// <summary>Stash's finalizer on a Repository.</summary>
    public const string Repository = "stash";
}
