using Granary.Api.AppCatalog.V1Alpha1;
using Granary.Api.Common;
using Granary.Api.Stash.V1Alpha1;
using Granary.Api.Stash.V1Beta1;

namespace Granary.Api.Tests.Validation;

/// <summary>Valid objects, for tests to spoil.</summary>
internal static class Samples
{
    public static Repository Repository() =>
        new()
        {
            Metadata = new() { Name = "repo", NamespaceProperty = "demo" },
            Spec = new()
            {
                Backend = new()
                {
                    StorageSecretName = "s3-secret",
                    S3 = new()
                    {
                        Endpoint = "s3.amazonaws.com",
                        Bucket = "stash-demo",
                        Prefix = "/demo",
                    },
                },
            },
        };

    public static BackupConfiguration BackupConfiguration() =>
        new()
        {
            Metadata = new() { Name = "backup", NamespaceProperty = "demo" },
            Spec = new()
            {
                Schedule = "*/5 * * * *",
                Repository = new() { Name = "repo" },
                Target = new() { Ref = Target() },
                RetentionPolicy = new()
                {
                    Name = "keep-last-5",
                    KeepLast = 5,
                    Prune = true,
                },
            },
        };

    public static BackupSession BackupSession() =>
        new()
        {
            Metadata = new() { Name = "backup-1", NamespaceProperty = "demo" },
            Spec = new()
            {
                Invoker = new() { Kind = "BackupConfiguration", Name = "backup" },
            },
        };

    public static RestoreSession RestoreSession() =>
        new()
        {
            Metadata = new() { Name = "restore", NamespaceProperty = "demo" },
            Spec = new()
            {
                Repository = new() { Name = "repo" },
                Target = new() { Ref = Target(), Rules = [new() { Snapshots = ["latest"] }] },
            },
        };

    public static AppBinding AppBinding() =>
        new()
        {
            Metadata = new() { Name = "sample-postgres", NamespaceProperty = "demo" },
            Spec = new()
            {
                ClientConfig = new()
                {
                    Service = new()
                    {
                        Scheme = "postgresql",
                        Name = "sample-postgres",
                        Port = 5432,
                    },
                },
                Secret = new() { Name = "sample-postgres-auth" },
            },
        };

    private static TargetRef Target() =>
        new()
        {
            ApiVersion = "appcatalog.appscode.com/v1alpha1",
            Kind = "AppBinding",
            Name = "sample-postgres",
        };
}
