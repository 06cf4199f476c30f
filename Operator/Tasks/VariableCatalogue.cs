using System.Globalization;
using Granary.Api.AppCatalog.V1Alpha1;
using Granary.Api.Common;
using Granary.Api.Names;
using Granary.Api.Stash.V1Alpha1;
using Granary.Operator.Invokers;

namespace Granary.Operator.Tasks;

/// <summary>
/// The built-in variables of Tasks and Functions, and the Task's parameters with them. Source: stash-behaviour §3.2,
/// §3.3.
/// </summary>
internal sealed class VariableCatalogue
{
    private readonly Dictionary<string, string> _variables = [];

    public IReadOnlyDictionary<string, string> Variables => _variables;

    /// <exception cref="TaskResolutionException">
    /// The Repository has no storage, or a parameter has the name of a built-in variable.
    /// </exception>
    public static IReadOnlyDictionary<string, string> ForBackup(
        BackupInvoker invoker,
        BackupMember member,
        string session,
        JobSurroundings surroundings,
        TaskRef task
    )
    {
        var catalogue = new VariableCatalogue();
        catalogue.AddRepository(surroundings.Repository);
        catalogue.AddTarget(
            member.Target,
            surroundings.AppBinding,
            member.Template.Target?.VolumeMounts?.FirstOrDefault()?.MountPath
        );
        catalogue.Set("HOSTNAME", member.Hostname);
        catalogue.Set("TARGET_PATHS", Joined(member.Template.Target?.Paths) ?? DefaultDataPath);
        catalogue.SetIfAny("EXCLUDE_PATTERNS", Joined(member.Template.Target?.Exclude));
        catalogue.SetIfAny("DRIVER_ARGS", Spaced(member.Template.Target?.Args));
        catalogue.AddRetention(invoker.Retention);
        catalogue.AddScratch(member.Template.TempDir, member.Template.InterimVolumeTemplate);
        catalogue.Set("NAMESPACE", invoker.Namespace);
        catalogue.Set("BACKUP_SESSION", session);
        catalogue.AddInvoker(invoker.Kind, invoker.Name);
        catalogue.AddOperator(surroundings.Options, invoker.Name);
        return catalogue.With(task.Params);
    }

    /// <inheritdoc cref="ForBackup"/>
    public static IReadOnlyDictionary<string, string> ForRestore(
        RestoreInvoker invoker,
        RestoreMember member,
        RestoreSource source,
        JobSurroundings surroundings,
        TaskRef task
    )
    {
        var catalogue = new VariableCatalogue();
        var target = member.Template.Target;
        catalogue.AddRepository(surroundings.Repository);
        catalogue.AddTarget(member.Target, surroundings.AppBinding, target?.VolumeMounts?.FirstOrDefault()?.MountPath);
        catalogue.Set("TARGET_APP_REPLICAS", (target?.Replicas ?? 1).ToString(CultureInfo.InvariantCulture));
        catalogue.Set("HOSTNAME", source.Hostname);
        catalogue.Set("SOURCE_HOSTNAME", source.SourceHostname);
        catalogue.Set("RESTORE_SNAPSHOTS", Joined(source.Rule?.Snapshots) ?? "");
        catalogue.Set("RESTORE_PATHS", Joined(source.Rule?.Paths) ?? "");
        catalogue.Set("INCLUDE_PATTERNS", Joined(source.Rule?.Include) ?? "");
        catalogue.Set("EXCLUDE_PATTERNS", Joined(source.Rule?.Exclude) ?? "");
        catalogue.SetIfAny("DRIVER_ARGS", Spaced(target?.Args));
        catalogue.AddScratch(member.Template.TempDir, member.Template.InterimVolumeTemplate);
        catalogue.Set("NAMESPACE", invoker.Namespace);
        catalogue.Set("RESTORE_SESSION", invoker.Name);
        catalogue.AddInvoker(invoker.Kind, invoker.Name);
        catalogue.AddOperator(surroundings.Options, invoker.Name);
        return catalogue.With(task.Params);
    }

    private const string DefaultDataPath = PodNames.DataDir;

    private void AddRepository(Repository repository)
    {
        var (backend, location) = JobSurroundings.StorageOf(repository);
        Set("REPOSITORY_NAME", repository.Metadata.Name);
        Set("REPOSITORY_NAMESPACE", repository.Metadata.NamespaceProperty);
        Set("REPOSITORY_PROVIDER", location.Provider);
        Set("REPOSITORY_BUCKET", location.Bucket);
        Set("REPOSITORY_PREFIX", location.Prefix);
        SetIfAny("REPOSITORY_ENDPOINT", location.Endpoint);
        SetIfAny("REPOSITORY_URL", location.Provider == Providers.Rest ? location.Endpoint : null);
        if (location.Region is { } region)
        {
            Set("REPOSITORY_REGION", region);
        }

        Set("REPOSITORY_INSECURE_TLS", Text(location.InsecureTLS));
        Set("REPOSITORY_SECRET_NAME", backend.StorageSecretName ?? "");
        Set("REPOSITORY_SECRET_NAMESPACE", repository.Metadata.NamespaceProperty);
        Set("MAX_CONNECTIONS", location.MaxConnections.ToString(CultureInfo.InvariantCulture));
    }

    private void AddTarget(TargetRef target, AppBinding? appBinding, string? mountPath)
    {
        Set("TARGET_API_VERSION", target.ApiVersion ?? "");
        Set("TARGET_KIND", target.Kind ?? "");
        Set("TARGET_NAME", target.Name ?? "");
        Set("TARGET_NAMESPACE", target.Namespace ?? "");
        Set("TARGET_MOUNT_PATH", mountPath ?? DefaultDataPath);
        if (appBinding is null)
        {
            return;
        }

        var type = AppType.Of(appBinding);
        Set("TARGET_RESOURCE", "appbindings");
        Set("TARGET_APP_TYPE", appBinding.Spec.Type ?? "");
        Set("TARGET_APP_GROUP", type.Group);
        Set("TARGET_APP_RESOURCE", type.Resource);
        Set("TARGET_APP_VERSION", appBinding.Spec.Version ?? "");
    }

    private void AddRetention(RetentionPolicy retention)
    {
        SetIfPositive("RETENTION_KEEP_LAST", retention.KeepLast);
        SetIfPositive("RETENTION_KEEP_HOURLY", retention.KeepHourly);
        SetIfPositive("RETENTION_KEEP_DAILY", retention.KeepDaily);
        SetIfPositive("RETENTION_KEEP_WEEKLY", retention.KeepWeekly);
        SetIfPositive("RETENTION_KEEP_MONTHLY", retention.KeepMonthly);
        SetIfPositive("RETENTION_KEEP_YEARLY", retention.KeepYearly);
        SetIfAny("RETENTION_KEEP_TAGS", Joined(retention.KeepTags));
        SetIfAny("RETENTION_PRUNE", retention.Prune ? "true" : null);
        SetIfAny("RETENTION_DRY_RUN", retention.DryRun ? "true" : null);
    }

    private void AddScratch(EmptyDirSettings? tempDir, PersistentVolumeClaimTemplate? interim)
    {
        Set("ENABLE_CACHE", Text(tempDir?.DisableCaching != true));
        Set("INTERIM_DATA_DIR", interim is null ? PodNames.ScratchInterimDataDir : PodNames.InterimDataDir);
    }

    private void AddInvoker(string kind, string name)
    {
        Set("INVOKER_KIND", kind);
        Set("INVOKER_NAME", name);
    }

    private void AddOperator(OperatorOptions options, string invoker)
    {
        var image = ImageName.Parse(options.WorkerImage);
        Set("STASH_DOCKER_REGISTRY", image.Registry);
        Set("STASH_DOCKER_IMAGE", image.Repository);
        Set("STASH_IMAGE_TAG", image.Tag);
        Set("GRANARY_WORKER_IMAGE", options.WorkerImage);
        Set("LICENSE_APISERVICE", "");
        Set("PROMETHEUS_PUSHGATEWAY_URL", options.PushgatewayUrl);
        Set("PROMETHEUS_JOB_NAME", invoker);
    }

    // Admission refuses such names too; here for objects that came past it, and for what an AppBinding brings along.
    private Dictionary<string, string> With(IEnumerable<Param>? parameters)
    {
        foreach (var parameter in parameters ?? [])
        {
            if (BuiltInVariables.IsReserved(parameter.Name))
            {
                throw new TaskResolutionException(
                    $"a parameter of the Task is refused: {BuiltInVariables.Refusal(parameter.Name)}; "
                        + "remove it from spec.task.params, or from the AppBinding's spec.parameters.stash.addon"
                );
            }

            _variables[parameter.Name] = parameter.Value;
        }

        return _variables;
    }

    private void Set(string name, string value) => _variables[name] = value;

    private void SetIfAny(string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            _variables[name] = value;
        }
    }

    private void SetIfPositive(string name, long? count)
    {
        if (count > 0)
        {
            _variables[name] = count.Value.ToString(CultureInfo.InvariantCulture);
        }
    }

    private static string? Joined(IReadOnlyCollection<string>? values) =>
        values is { Count: > 0 } ? string.Join(',', values) : null;

    private static string? Spaced(IReadOnlyCollection<string>? values) =>
        values is { Count: > 0 } ? string.Join(' ', values) : null;

    private static string Text(bool value) => value ? "true" : "false";
}
