using Granary.TestSupport.Servers;

namespace Granary.EndToEnd;

/// <summary>Which cluster a stage plays on, and with which servers.</summary>
public sealed record StageOptions
{
    /// <summary>The major of both PostgreSQL servers.</summary>
    public int PostgresMajor { get; init; } = 17;

    /// <summary>Whether to use the cluster that <c>KUBECONFIG</c> names instead of starting DevCluster.</summary>
    public bool ExistingCluster { get; init; } =
        Environment.GetEnvironmentVariable("GRANARY_TEST_CLUSTER") == "existing";

    /// <summary>Whether DevCluster's node agent joins an existing cluster as a node.</summary>
    public bool JoinAsNode { get; init; } = Environment.GetEnvironmentVariable("GRANARY_TEST_NODE") == "join";

    /// <summary>Build configuration whose programs run in the Pods.</summary>
    public string Configuration { get; init; } =
        AppContext.BaseDirectory.Contains("/Debug/", StringComparison.Ordinal) ? "Debug" : "Release";

    /// <summary>Told what happens, one line each.</summary>
    public Action<string> Say { get; init; } = _ => { };
}

/// <summary>Names that the stage gives things inside the cluster.</summary>
public static class StageNames
{
    /// <summary>Where the operator runs.</summary>
    public const string OperatorNamespace = "granary-system";

    /// <summary>Where the S3 server appears as a Service.</summary>
    public const string StorageNamespace = "storage";

    /// <summary>The bucket that the samples name.</summary>
    public const string Bucket = "granary-demo";

    /// <summary>The superuser's password on both servers, as in the samples.</summary>
    public const string DatabasePassword = "change-me";

    /// <summary>The database user of both servers.</summary>
    public const string DatabaseUser = PostgresServer.User;
}
