using System.Globalization;

namespace Granary.Api.Names;

/// <summary>
/// Names of the objects that are made for others. Source: stash-behaviour §2.1 and where each is described.
/// </summary>
/// <remarks>Names are derived and never random, so that a step that is repeated finds what it made before.</remarks>
public static class ObjectNames
{
    /// <summary>The longest name of a pod, a Job or a label value.</summary>
    public const int MaxLength = 63;

    /// <summary>The longest name of a CronJob, which leaves room for the suffix of its Jobs.</summary>
    public const int MaxCronJobLength = 52;

    /// <summary>
    /// A BackupSession made on schedule: <c>&lt;invoker&gt;-&lt;unix seconds&gt;</c>; retries follow the same rule.
    /// </summary>
    public static string BackupSession(string invokerName, DateTimeOffset at) =>
        WithSuffix(invokerName, at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));

    /// <summary>A Snapshot: <c>&lt;repository&gt;-&lt;first 8 digits of the id&gt;</c>.</summary>
    public static string Snapshot(string repositoryName, string snapshotId) =>
        WithSuffix(repositoryName, snapshotId.Length > 8 ? snapshotId[..8] : snapshotId);

    /// <summary>The CronJob of a BackupConfiguration or BackupBatch, and its ServiceAccount and RoleBinding.</summary>
    /// <param name="invokerName">Name of the invoker.</param>
    /// <param name="invokerNamespace">Namespace of the invoker.</param>
    /// <param name="targetNamespace">Namespace of the target; the invoker's when null.</param>
    public static string TriggerCronJob(string invokerName, string invokerNamespace, string? targetNamespace = null)
    {
        if (targetNamespace is { Length: > 0 } && targetNamespace != invokerNamespace)
        {
            return WithPrefixAndSuffix("stash-trigger", invokerNamespace, invokerName, MaxCronJobLength);
        }

        var name = Dashed($"stash-trigger-{invokerName}");
        return name.Length <= MaxCronJobLength ? name.Trim('-') : name[^MaxCronJobLength..].Trim('-');
    }

    /// <summary>The Job of one target of a BackupSession.</summary>
    public static string BackupJob(string sessionName, int targetIndex) =>
        WithPrefixAndSuffix("stash-backup", sessionName, Index(targetIndex));

    /// <summary>The Job of one target of a RestoreSession or RestoreBatch.</summary>
    public static string RestoreJob(string restoreName, int targetIndex) =>
        WithPrefixAndSuffix("stash-restore", restoreName, Index(targetIndex));

    /// <summary>
    /// The ServiceAccount and RoleBinding of a Job: <c>backupconfiguration-&lt;name&gt;-&lt;index&gt;</c> and so on.
    /// </summary>
    public static string JobServiceAccount(string invokerKind, string invokerName, int targetIndex) =>
        WithPrefixAndSuffix(invokerKind.ToLowerInvariant(), invokerName, Index(targetIndex));

    /// <summary>
    /// The Role and RoleBinding in the namespace of a Repository that is used from another namespace.
    /// </summary>
    public static string RepositoryRole(
        string invokerNamespace,
        string invokerKind,
        string invokerName,
        int targetIndex
    ) => WithPrefixAndSuffix(invokerNamespace, $"{invokerKind.ToLowerInvariant()}-{invokerName}", Index(targetIndex));

    /// <summary>The claim for interim data of a session.</summary>
    public static string InterimClaim(string sessionName, string templateName) => WithPrefix(sessionName, templateName);

    /// <summary>The copy of an image pull Secret for an invoker.</summary>
    public static string ImagePullSecret(string secretName, string invokerKind, string invokerName) =>
        WithPrefixAndSuffix(secretName, invokerKind.ToLowerInvariant(), invokerName);

    /// <summary>The container of one step of a Task.</summary>
    public static string StepContainer(string functionName, int stepIndex) =>
        WithSuffix(functionName, Index(stepIndex));

    /// <summary>Repository and BackupConfiguration made for an AppBinding that asks for a blueprint.</summary>
    /// <param name="kind">Kind of the target.</param>
    /// <param name="targetName">Name of the target.</param>
    /// <param name="targetNamespace">Namespace of the target when the objects go elsewhere, else null.</param>
    public static string AutoBackup(string kind, string targetName, string? targetNamespace = null) =>
        targetNamespace is null
            ? WithPrefix(ShortKind(kind), targetName)
            : WithPrefixAndSuffix(targetNamespace, ShortKind(kind), targetName);

    /// <summary>
    /// The Pushgateway's grouping value: <c>&lt;kind&gt;-&lt;namespace&gt;-&lt;name&gt;</c>, not limited in length.
    /// </summary>
    public static string MetricsJob(string invokerKind, string invokerNamespace, string invokerName) =>
        $"{invokerKind.ToLowerInvariant()}-{invokerNamespace}-{invokerName}";

    /// <summary>The short form of a kind as it appears in generated names.</summary>
    public static string ShortKind(string kind) =>
        kind switch
        {
            "AppBinding" => "app",
            "Deployment" => "deploy",
            "StatefulSet" => "sts",
            "DaemonSet" => "ds",
            "PersistentVolumeClaim" => "pvc",
            "Pod" => "po",
            "ReplicationController" => "rc",
            _ => kind.ToLowerInvariant(),
        };

    /// <summary>The suffix rule: <c>&lt;name&gt;-&lt;suffix&gt;</c>; when that is too long the name is cut.</summary>
    public static string WithSuffix(string name, string suffix, int max = MaxLength)
    {
        name = Dashed(name);
        suffix = Dashed(suffix);
        var room = Math.Max(0, max - suffix.Length - 1);
        return $"{(name.Length <= room ? name : name[..room])}-{suffix}".Trim('-');
    }

    /// <summary>The prefix rule: <c>&lt;prefix&gt;-&lt;name&gt;</c>; when that is too long its end is cut.</summary>
    public static string WithPrefix(string prefix, string name, int max = MaxLength)
    {
        var whole = Dashed($"{prefix}-{name}");
        return (whole.Length <= max ? whole : whole[..max]).Trim('-');
    }

    /// <summary>
    /// The prefix and suffix rule: <c>&lt;prefix&gt;-&lt;name&gt;-&lt;suffix&gt;</c>; when that is too long its middle
    /// is cut.
    /// </summary>
    public static string WithPrefixAndSuffix(string prefix, string name, string suffix, int max = MaxLength) =>
        Shorten(Dashed($"{prefix}-{name}-{suffix}"), max).Trim('-');

    /// <summary>Keeps the first (max+1)/2 and the last max/2 characters of what is too long.</summary>
    public static string Shorten(string text, int max) =>
        text.Length <= max ? text : text[..((max + 1) / 2)] + text[^(max / 2)..];

    private static string Dashed(string name) => name.Replace('.', '-');

    private static string Index(int index) => index.ToString(CultureInfo.InvariantCulture);
}
