namespace KubeOps.Abstractions.Entities;

/// <summary>Where objects of a resource live.</summary>
public enum EntityScope
{
    /// <summary>In a namespace.</summary>
    Namespaced,

    /// <summary>In the cluster.</summary>
    Cluster,
}

/// <summary>When a printer column is shown.</summary>
public enum PrinterColumnPriority
{
    /// <summary>Always (priority 0).</summary>
    StandardView,

    /// <summary>With <c>-o wide</c> only (priority 1).</summary>
    WideView,
}
