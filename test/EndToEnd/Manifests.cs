using Granary.TestSupport.Servers;

namespace Granary.EndToEnd;

/// <summary>The YAML a user writes, for one namespace of a test.</summary>
/// <param name="Namespace">The namespace, which is also the prefix in the bucket.</param>
public sealed record Manifests(string Namespace)
{
    /// <summary>Where the Repository that configurations and restores name is; by default in their namespace.</summary>
    public string RepositoryNamespace { get; init; } = Namespace;

    /// <summary>The repository's password.</summary>
    public const string RepositoryPassword = "password-of-the-repository";

    /// <summary>The storage Secret and the Repository <c>repo</c>.</summary>
    public string Storage(MotoServer s3) =>
        $$"""
            apiVersion: v1
            kind: Secret
            metadata: {name: storage, namespace: {{Namespace}}}
            stringData:
              RESTIC_PASSWORD: {{RepositoryPassword}}
              AWS_ACCESS_KEY_ID: {{s3.AccessKey}}
              AWS_SECRET_ACCESS_KEY: {{s3.SecretKey}}
            ---
            {{Repository}}
            """;

    /// <summary>The Repository <c>repo</c> alone.</summary>
    public string Repository =>
        $$"""
            apiVersion: stash.appscode.com/v1alpha1
            kind: Repository
            metadata: {name: repo, namespace: {{Namespace}}}
            spec:
              backend:
                s3:
                  endpoint: "http://s3.{{StageNames.StorageNamespace}}.svc:9000"
                  bucket: {{StageNames.Bucket}}
                  region: us-east-1
                  prefix: /{{Namespace}}
                storageSecretName: storage
            """;

    /// <summary>An AppBinding with its Secret.</summary>
    /// <param name="name">The AppBinding's name; its Service has the same.</param>
    /// <param name="password">The superuser's password.</param>
    public string Database(string name, string password) =>
        $$"""
            apiVersion: v1
            kind: Secret
            metadata: {name: {{name}}-auth, namespace: {{Namespace}}}
            stringData: {username: {{StageNames.DatabaseUser}}, password: "{{password}}"}
            ---
            apiVersion: appcatalog.appscode.com/v1alpha1
            kind: AppBinding
            metadata: {name: {{name}}, namespace: {{Namespace}}}
            spec:
              clientConfig:
                service: {name: {{name}}, port: 5432, scheme: postgresql}
              secret: {name: {{name}}-auth}
              type: kubedb.com/postgres
              version: "17.2"
            """;

    /// <summary>The BackupConfiguration <c>backup</c> of the AppBinding <c>sample-postgres</c>.</summary>
    /// <param name="schedule">Its cron expression; by default one that never comes in a test.</param>
    /// <param name="extra">Further lines of the spec, indented by two.</param>
    public string Backup(string schedule = "0 0 29 2 *", string extra = "") =>
        $$"""
            apiVersion: stash.appscode.com/v1beta1
            kind: BackupConfiguration
            metadata: {name: backup, namespace: {{Namespace}}}
            spec:
              schedule: "{{schedule}}"
              task: {name: postgres-backup-17.2}
              repository: {name: repo, namespace: {{RepositoryNamespace}}}
              target:
                ref: {apiVersion: appcatalog.appscode.com/v1alpha1, kind: AppBinding, name: sample-postgres}
              retentionPolicy: {name: keep-last-5, keepLast: 5, prune: true}
            {{extra}}
            """;

    /// <summary>A BackupSession made by hand, with only its invoker.</summary>
    public string Session(string name) =>
        $$"""
            apiVersion: stash.appscode.com/v1beta1
            kind: BackupSession
            metadata: {name: {{name}}, namespace: {{Namespace}}}
            spec:
              invoker: {apiGroup: stash.appscode.com, kind: BackupConfiguration, name: backup}
            """;

    /// <summary>A RestoreSession into the AppBinding <c>restored-postgres</c>.</summary>
    public string Restore(string name, string snapshot = "latest") =>
        $$"""
            apiVersion: stash.appscode.com/v1beta1
            kind: RestoreSession
            metadata: {name: {{name}}, namespace: {{Namespace}}}
            spec:
              task: {name: postgres-restore-17.2}
              repository: {name: repo, namespace: {{RepositoryNamespace}}}
              target:
                ref: {apiVersion: appcatalog.appscode.com/v1alpha1, kind: AppBinding, name: restored-postgres}
                rules:
                - snapshots: [{{snapshot}}]
            """;
}
