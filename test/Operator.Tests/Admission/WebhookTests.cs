using System.Text.Json.Nodes;
using Granary.Api.Common;
using Granary.Api.Stash.V1Alpha1;
using Granary.Api.Stash.V1Beta1;
using Granary.Operator.Tests.Support;
using k8s;
using k8s.Models;

namespace Granary.Operator.Tests.Admission;

[Collection(OperatorCollection.Name)]
public sealed class WebhookTests(RunningOperator running)
{
    [Fact]
    public async Task A_good_configuration_is_admitted_with_warnings_for_what_is_missing()
    {
        var @namespace = await running.NewNamespaceAsync();
        var configuration = Make.Configuration("pg-backup", @namespace);

        var answer = await ReviewAsync("backupconfiguration", "CREATE", configuration);

        Assert.True((bool)answer["allowed"]!);
        var warnings = answer["warnings"]!.AsArray().Select(one => (string)one!).ToList();
        Assert.Contains(warnings, one =>
            one.StartsWith($"spec.repository: Repository {@namespace}/storage does not exist", StringComparison.Ordinal)
        );
        Assert.Contains(warnings, one => one.StartsWith("spec.target.ref: AppBinding", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_bad_schedule_is_denied_with_its_path()
    {
        var configuration = Make.Configuration();
        configuration.Spec.Schedule = "61 * * * *";

        var answer = await ReviewAsync("backupconfiguration", "CREATE", configuration);

        ExpectDenial(answer, "spec.schedule");
    }

    [Fact]
    public async Task The_target_of_a_Ready_configuration_stays()
    {
        var (old, changed) = (Make.Configuration().Ready(), Make.Configuration().Ready());
        changed.Spec.Target!.Ref!.Name = "other";

        ExpectDenial(await ReviewAsync("backupconfiguration", "UPDATE", changed, old), "spec.target");
    }

    [Fact]
    public async Task A_breach_of_the_usage_policy_is_denied()
    {
        var (own, other) = (await running.NewNamespaceAsync(), await running.NewNamespaceAsync());
        var repository = Make.Repository("storage", other);
        repository.Metadata = new V1ObjectMeta { Name = "storage", NamespaceProperty = other };
        await running.Client.CreateAsync(repository);
        var configuration = Make.Configuration("pg-backup", own);
        configuration.Spec.Repository!.Namespace = other;
        var restore = Make.Restore();
        restore.Metadata.NamespaceProperty = own;
        restore.Spec.Repository!.Namespace = other;

        ExpectDenial(await ReviewAsync("backupconfiguration", "CREATE", configuration), "spec.repository");
        ExpectDenial(await ReviewAsync("restoresession", "CREATE", restore), "spec.repository");
    }

    [Fact]
    public async Task A_configuration_that_is_being_deleted_can_lose_its_finalizer()
    {
        var (old, changed) = (Make.Configuration(), Make.Configuration());
        old.Spec.Schedule = changed.Spec.Schedule = "bad";
        old.Metadata.DeletionTimestamp = changed.Metadata.DeletionTimestamp = DateTime.UtcNow;
        old.Metadata.Finalizers = ["stash.appscode.com"];

        Assert.True((bool)(await ReviewAsync("backupconfiguration", "UPDATE", changed, old))["allowed"]!);
    }

    [Fact]
    public async Task The_spec_of_a_RestoreSession_never_changes()
    {
        var (old, changed) = (Make.Restore(), Make.Restore());
        changed.Spec.TimeOut = "1h";

        ExpectDenial(await ReviewAsync("restoresession", "UPDATE", changed, old), "spec");
    }

    [Theory]
    [InlineData("spec")]
    [InlineData("target")]
    public async Task Restore_rules_are_checked_at_both_places(string place)
    {
        List<Rule> rules = [new Rule { TargetHosts = ["a"] }, new Rule { TargetHosts = ["a"] }];
        var restore = Make.Restore();
        if (place == "spec")
        {
            restore.Spec.Rules = rules;
        }
        else
        {
            restore.Spec.Target!.Rules = rules;
        }

        ExpectDenial(await ReviewAsync("restoresession", "CREATE", restore), "rules");
    }

    [Fact]
    public async Task Repositories_AppBindings_and_sessions_are_judged_too()
    {
        var repository = Make.Repository();
        repository.Spec.Backend!.Local = new LocalBackend { MountPath = "/stash" };
        var session = Make.Session();
        session.Spec.Invoker!.Kind = "Deployment";

        ExpectDenial(await ReviewAsync("repository", "CREATE", repository), "spec.backend");
        ExpectDenial(await ReviewAsync("backupsession", "CREATE", session), "spec.invoker.kind");
        var appBinding = await ReviewAsync("appbinding", "CREATE", Make.AppBinding());
        Assert.True((bool)appBinding["allowed"]!);
        Assert.Contains("spec.secret.name", (string)appBinding["warnings"]![0]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_may_create_no_Pods_must_not_shape_them()
    {
        var @namespace = await running.NewNamespaceAsync();
        var restore = Make.Restore();
        restore.Metadata.NamespaceProperty = @namespace;
        restore.Spec.RuntimeSettings = new RuntimeSettings
        {
            Pod = new PodRuntimeSettings { ServiceAccountName = "deployer", NodeName = "node-1" },
            Container = new ContainerRuntimeSettings
            {
                EnvFrom = [new V1EnvFromSource { SecretRef = new V1SecretEnvSource { Name = "a-private" } }],
            },
        };
        await LetAsync(@namespace, "tenant", "restoresessions", "stash.appscode.com");
        await LetAsync(@namespace, "builder", "pods", "");

        var refused = await ReviewAsync("restoresession", "CREATE", restore, author: Account(@namespace, "tenant"));

        Assert.False((bool)refused["allowed"]!);
        Assert.Equal(403, (int)refused["status"]!["code"]!);
        var message = (string)refused["status"]!["message"]!;
        Assert.Contains("spec.runtimeSettings.pod.serviceAccountName", message, StringComparison.Ordinal);
        Assert.Contains("spec.runtimeSettings.pod.nodeName", message, StringComparison.Ordinal);
        Assert.Contains("spec.runtimeSettings.container.envFrom", message, StringComparison.Ordinal);
        Assert.Contains($"create pods in namespace {@namespace}", message, StringComparison.Ordinal);
        Assert.False((bool)(await ReviewAsync("restoresession", "CREATE", restore))["allowed"]!);
        var passed = await ReviewAsync("restoresession", "CREATE", restore, author: Account(@namespace, "builder"));
        Assert.True((bool)passed["allowed"]!);
    }

    [Fact]
    public async Task A_change_is_asked_about_only_for_the_shaping_fields_that_it_brings()
    {
        var @namespace = await running.NewNamespaceAsync();
        var (old, changed) = (Make.Configuration("pg", @namespace), Make.Configuration("pg", @namespace));
        old.Spec.RuntimeSettings = new RuntimeSettings { Pod = new PodRuntimeSettings { NodeName = "node-1" } };
        changed.Spec.RuntimeSettings = new RuntimeSettings { Pod = new PodRuntimeSettings { NodeName = "node-1" } };
        changed.Spec.Paused = true;
        var tenant = Account(@namespace, "tenant");

        Assert.True((bool)(await ReviewAsync("backupconfiguration", "UPDATE", changed, old, tenant))["allowed"]!);

        changed.Spec.RuntimeSettings.Pod.NodeName = "node-2";
        changed.Metadata.DeletionTimestamp = DateTime.UtcNow;
        var answer = await ReviewAsync("backupconfiguration", "UPDATE", changed, old, tenant);
        Assert.False((bool)answer["allowed"]!);
        Assert.Contains("nodeName", (string)answer["status"]!["message"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_registration_trusts_what_is_served_and_asks_where_webhooks_are()
    {
        var configuration = await running.Client.GetAsync<V1ValidatingWebhookConfiguration>(
            "admission.stash.appscode.com"
        );

        Assert.All(configuration!.Webhooks, webhook => Assert.NotEmpty(webhook.ClientConfig.CaBundle));
        foreach (var path in configuration.Webhooks.Select(webhook => webhook.ClientConfig.Service.Path))
        {
            var answer = await running.ReviewAsync(
                path,
                Review("DELETE", null, Make.Session()),
                TestContext.Current.CancellationToken
            );
            Assert.Equal("705ab4f5-6393-11e8-b7cc-42010a800002", (string)answer["uid"]!);
        }
    }

    private static void ExpectDenial(JsonNode answer, string path)
    {
        Assert.False((bool)answer["allowed"]!);
        Assert.Equal(422, (int)answer["status"]!["code"]!);
        Assert.Contains(path, (string)answer["status"]!["message"]!, StringComparison.Ordinal);
    }

    private static JsonObject Account(string @namespace, string name) =>
        new()
        {
            ["username"] = $"system:serviceaccount:{@namespace}:{name}",
            ["groups"] = new JsonArray("system:serviceaccounts", "system:authenticated"),
        };

    private async Task LetAsync(string @namespace, string account, string resource, string group)
    {
        await running.Client.CreateAsync(
            new V1Role
            {
                Metadata = new V1ObjectMeta { Name = account, NamespaceProperty = @namespace },
                Rules =
                [
                    new V1PolicyRule
                    {
                        ApiGroups = [group],
                        Resources = [resource],
                        Verbs = ["create"],
                    },
                ],
            }
        );
        await running.Client.CreateAsync(
            new V1RoleBinding
            {
                Metadata = new V1ObjectMeta { Name = account, NamespaceProperty = @namespace },
                RoleRef = new V1RoleRef
                {
                    ApiGroup = "rbac.authorization.k8s.io",
                    Kind = "Role",
                    Name = account,
                },
                Subjects =
                [
                    new Rbacv1Subject
                    {
                        Kind = "ServiceAccount",
                        Name = account,
                        NamespaceProperty = @namespace,
                    },
                ],
            }
        );
    }

    private static JsonObject Review(string operation, object? entity, object? old, JsonObject? author = null) =>
        new()
        {
            ["apiVersion"] = "admission.k8s.io/v1",
            ["kind"] = "AdmissionReview",
            ["request"] = new JsonObject
            {
                ["uid"] = "705ab4f5-6393-11e8-b7cc-42010a800002",
                ["operation"] = operation,
                ["object"] = entity is null ? null : JsonNode.Parse(KubernetesJson.Serialize(entity)),
                ["oldObject"] = old is null ? null : JsonNode.Parse(KubernetesJson.Serialize(old)),
                ["dryRun"] = false,
                ["userInfo"] = author?.DeepClone(),
            },
        };

    private Task<JsonNode> ReviewAsync(
        string kind,
        string operation,
        object entity,
        object? old = null,
        JsonObject? author = null
    ) =>
        running.ReviewAsync(
            $"/validate/{kind}",
            Review(operation, entity, old, author),
            TestContext.Current.CancellationToken
        );
}
