using Granary.Api.AppCatalog.V1Alpha1;
using Granary.Api.Common;
using Granary.Api.Names;
using Granary.Api.Stash.V1Alpha1;
using Granary.Api.Stash.V1Beta1;
using Granary.Operator.Jobs;
using k8s.Models;

namespace Granary.Operator.Tests.Support;

/// <summary>Small, valid objects; a test changes what it is about.</summary>
internal static class Make
{
    public const string Namespace = "demo";

    public static readonly DateTimeOffset Noon = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);

    public static readonly OperatorOptions Options = new()
    {
        WorkerImage = "registry.example:5000/granary/worker:1.2",
        PushgatewayUrl = "",
        Namespace = "granary-system",
    };

    public static readonly Limits Limits = Limits.Of(Options);

    public static V1ObjectMeta Meta(string name, string @namespace = Namespace) =>
        new()
        {
            Name = name,
            NamespaceProperty = @namespace,
            Uid = $"uid-{@namespace}-{name}",
            CreationTimestamp = Noon.UtcDateTime,
            Generation = 1,
            ResourceVersion = "1",
        };

    public static Repository Repository(string name = "storage", string @namespace = Namespace) =>
        new()
        {
            Metadata = Meta(name, @namespace),
            Spec = new RepositorySpec
            {
                Backend = new Backend
                {
                    StorageSecretName = "storage-secret",
                    S3 = new S3Backend
                    {
                        Endpoint = "http://s3.storage.svc:9000",
                        Bucket = "backups",
                        Prefix = "/demo/pg",
                    },
                },
            },
        };

    public static AppBinding AppBinding(string name = "sample-postgres", string @namespace = Namespace) =>
        new()
        {
            Metadata = Meta(name, @namespace),
            Spec = new AppBindingSpec
            {
                Type = "kubedb.com/postgres",
                Version = "17.2",
                ClientConfig = new ClientConfig
                {
                    Service = new ServiceReference
                    {
                        Name = name,
                        Port = 5432,
                        Scheme = "postgresql",
                    },
                },
                Secret = new SecretReference { Name = "sample-postgres-auth" },
            },
        };

    public static BackupConfiguration Configuration(string name = "pg-backup", string @namespace = Namespace) =>
        new()
        {
            Metadata = Meta(name, @namespace),
            Spec = new BackupConfigurationSpec
            {
                Schedule = "*/5 * * * *",
                Repository = new ObjectReference { Name = "storage" },
                Task = new TaskRef { Name = "postgres-backup-17.2" },
                Target = new BackupTarget
                {
                    Ref = new TargetRef
                    {
                        ApiVersion = "appcatalog.appscode.com/v1alpha1",
                        Kind = "AppBinding",
                        Name = "sample-postgres",
                    },
                },
                RetentionPolicy = new RetentionPolicy
                {
                    Name = "keep-last-5",
                    KeepLast = 5,
                    Prune = true,
                },
            },
        };

    public static BackupConfiguration Ready(this BackupConfiguration configuration)
    {
        configuration.Status.Phase = InvokerPhase.Ready;
        configuration.Status.ObservedGeneration = configuration.Metadata.Generation;
        return configuration;
    }

    public static BackupSession Session(string name = "pg-backup-1", string invoker = "pg-backup") =>
        new()
        {
            Metadata = Meta(name),
            Spec = new BackupSessionSpec
            {
                Invoker = new InvokerRef
                {
                    ApiGroup = Kinds.StashGroup,
                    Kind = Kinds.BackupConfiguration,
                    Name = invoker,
                },
            },
        };

    public static RestoreSession Restore(string name = "pg-restore", params List<Rule> rules) =>
        new()
        {
            Metadata = Meta(name),
            Spec = new RestoreSessionSpec
            {
                Repository = new ObjectReference { Name = "storage" },
                Task = new TaskRef { Name = "postgres-restore-17.2" },
                Target = new RestoreTarget
                {
                    Ref = new TargetRef
                    {
                        ApiVersion = "appcatalog.appscode.com/v1alpha1",
                        Kind = "AppBinding",
                        Name = "sample-postgres",
                    },
                    Rules = rules,
                },
            },
        };

    public static Condition Condition(string type, bool? status, string message = "") =>
        new()
        {
            Type = type,
            Status = status switch
            {
                true => "True",
                false => "False",
                null => "Unknown",
            },
            Message = message,
        };

    public static Function Function(string name, params List<string> args) =>
        new()
        {
            Metadata = new V1ObjectMeta { Name = name },
            Spec = new FunctionSpec { Image = "granary/worker:test", Args = args },
        };

    public static StashTask Task(string name, params List<FunctionRef> steps) =>
        new()
        {
            Metadata = new V1ObjectMeta { Name = name },
            Spec = new TaskSpec { Steps = steps },
        };

    public static FunctionRef Step(string function, params List<Param> parameters) =>
        new() { Name = function, Params = parameters };

    public static Param Param(string name, string value) => new() { Name = name, Value = value };
}
