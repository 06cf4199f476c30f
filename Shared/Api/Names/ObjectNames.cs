using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Granary.Api.Names;

/// <summary>
/// Names of the objects that are made for others. Source: stash-behaviour §2.1 and where each is described.
/// </summary>
/// <remarks>
/// Names are derived and never random, so that a step that is repeated finds what it made before. They are Stash's as
/// long as they can mean one thing only. A name that was cut, lost a dot, or is joined from two names that others chose
/// carries a hash of what it was made from, since two owners would meet in it otherwise (decision 12).
/// </remarks>
public static class ObjectNames
{
    /// <summary>The longest name of a pod, a Job or a label value.</summary>
    public const int MaxLength = 63;

    /// <summary>The longest name of a CronJob, which leaves room for the suffix of its Jobs.</summary>
    public const int MaxCronJobLength = 52;

    // 64 bits: nobody can search for a name that meets another owner's.
    private const int HashBytes = 8;

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
    public static string TriggerCronJob(string invokerName, string invokerNamespace, string? targetNamespace = null) =>
        targetNamespace is { Length: > 0 } && targetNamespace != invokerNamespace
            ? Hashed(
                $"stash-trigger-{invokerNamespace}-{invokerName}",
                [invokerNamespace, invokerName],
                "",
                MaxCronJobLength
            )
            : Joined(["stash-trigger", invokerName], "", MaxCronJobLength);

    /// <summary>
    /// Other names that the CronJob of an invoker may have: while its target was elsewhere, or made by Stash, whose
    /// names are cut without a hash.
    /// </summary>
    /// <param name="invokerName">Name of the invoker.</param>
    /// <param name="invokerNamespace">Namespace of the invoker.</param>
    /// <param name="current">Its present name.</param>
    public static IReadOnlyList<string> FormerTriggerCronJobs(
        string invokerName,
        string invokerNamespace,
        string current
    )
    {
        var plain = Dashed($"stash-trigger-{invokerName}");
        string[] names =
        [
            TriggerCronJob(invokerName, invokerNamespace),
            TriggerCronJob(invokerName, invokerNamespace, $"not-{invokerNamespace}"),
            (plain.Length <= MaxCronJobLength ? plain : plain[^MaxCronJobLength..]).Trim('-'),
            Middleless(Dashed($"stash-trigger-{invokerNamespace}-{invokerName}"), MaxCronJobLength).Trim('-'),
        ];
        return [.. names.Distinct(StringComparer.Ordinal).Where(name => name != current)];
    }

    /// <summary>The Job of one target of a BackupSession.</summary>
    public static string BackupJob(string sessionName, int targetIndex) =>
        Joined(["stash-backup", sessionName], Index(targetIndex));

    /// <summary>The Job of one target of a RestoreSession or RestoreBatch.</summary>
    public static string RestoreJob(string restoreName, int targetIndex) =>
        Joined(["stash-restore", restoreName], Index(targetIndex));

    /// <summary>
    /// The ServiceAccount and RoleBinding of a Job: <c>backupconfiguration-&lt;name&gt;-&lt;index&gt;</c> and so on.
    /// </summary>
    public static string JobServiceAccount(string invokerKind, string invokerName, int targetIndex) =>
        Joined([invokerKind.ToLowerInvariant(), invokerName], Index(targetIndex));

    /// <summary>
    /// The Role and RoleBinding of a Job in the namespace of a Repository that it uses from another namespace. Jobs of
    /// many namespaces have theirs side by side there.
    /// </summary>
    public static string RepositoryRole(string jobNamespace, string jobName) =>
        Hashed($"{jobNamespace}-{jobName}", [jobNamespace, jobName], "");

    /// <summary>The ServiceAccount, Role and RoleBinding of the Jobs that look after a Repository.</summary>
    public static string MaintenanceAccount(string repositoryName) => Joined(["stash-maintenance", repositoryName], "");

    /// <summary>The Job that looks after a Repository behind the session of another namespace.</summary>
    public static string MaintenanceJob(string sessionNamespace, string sessionName) =>
        Hashed($"stash-maintenance-{sessionNamespace}-{sessionName}", [sessionNamespace, sessionName], "");

    /// <summary>The claim for interim data of a session.</summary>
    public static string InterimClaim(string sessionName, string templateName) =>
        Hashed($"{sessionName}-{templateName}", [sessionName, templateName], "");

    /// <summary>The container of one step of a Task.</summary>
    public static string StepContainer(string functionName, int stepIndex)
    {
        // The index alone tells the containers of a pod apart, so the name may be cut without a hash.
        var (name, suffix) = (Dashed(functionName), Index(stepIndex));
        var room = MaxLength - suffix.Length - 1;
        return $"{(name.Length <= room ? name : name[..room])}-{suffix}".Trim('-');
    }

    /// <summary>Repository and BackupConfiguration made for an AppBinding that asks for a blueprint.</summary>
    /// <param name="kind">Kind of the target.</param>
    /// <param name="targetName">Name of the target.</param>
    /// <param name="targetNamespace">Namespace of the target when the objects go elsewhere, else null.</param>
    public static string AutoBackup(string kind, string targetName, string? targetNamespace = null) =>
        targetNamespace is null
            ? Joined([ShortKind(kind), targetName], "")
            : Hashed($"{targetNamespace}-{ShortKind(kind)}-{targetName}", [targetNamespace, kind, targetName], "");

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

    /// <summary>
    /// Text that is a name already, or a name made of it: what is too long is cut and carries a hash of the whole.
    /// </summary>
    public static string Shorten(string text, int max) => text.Length <= max ? text : Hashed(text, [text], "", max);

    /// <summary>
    /// <c>&lt;name&gt;-&lt;suffix&gt;</c>. Of a name that is too long or has dots, which pods and Jobs may not have,
    /// the suffix stays and a hash comes before it.
    /// </summary>
    public static string WithSuffix(string name, string suffix, int max = MaxLength) => Joined([name], suffix, max);

    // Of the parts only the last may be of others' choice: two such parts need Hashed.
    private static string Joined(string[] parts, string suffix, int max = MaxLength)
    {
        var name = string.Join('-', parts);
        var whole = Suffixed(name, suffix);
        return whole.Length <= max && !whole.Contains('.', StringComparison.Ordinal)
            ? whole
            : Hashed(name, parts, suffix, max);
    }

    /// <param name="name">What of the name a reader sees, as far as there is room.</param>
    /// <param name="identity">What makes the owner the only one.</param>
    /// <param name="suffix">What stays whole at the end; may be empty.</param>
    private static string Hashed(string name, string[] identity, string suffix, int max = MaxLength)
    {
        // No name has a slash, so different parts never give the same text.
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('/', identity)));
        var end = Suffixed(Convert.ToHexStringLower(hash.AsSpan(0, HashBytes)), suffix);
        var room = Math.Max(0, max - end.Length - 1);
        name = Dashed(name);
        return Suffixed((name.Length <= room ? name : name[..room]).Trim('-'), end).Trim('-');
    }

    private static string Suffixed(string name, string suffix) => suffix.Length == 0 ? name : $"{name}-{suffix}";

    /// <summary>Stash's rule: the first (max+1)/2 and the last max/2 characters.</summary>
    private static string Middleless(string text, int max) =>
        text.Length <= max ? text : text[..((max + 1) / 2)] + text[^(max / 2)..];

    private static string Dashed(string name) => name.Replace('.', '-');

    private static string Index(int index) => index.ToString(CultureInfo.InvariantCulture);
}
