using Granary.Api.AppCatalog.V1Alpha1;
using Granary.Api.Common;
using Granary.Api.Stash.V1Beta1;
using Granary.Operator.Tasks;
using Granary.Operator.Tests.Support;
using k8s.Models;

namespace Granary.Operator.Tests.Tasks;

public sealed class TaskResolutionTests
{
    [Fact]
    public void Steps_become_containers_in_order_with_dashes_and_their_index()
    {
        var task = Make.Task("t", Make.Step("postgres-backup-17.2"), Make.Step("update-status"));

        var resolved = Resolve(task, [Make.Function("postgres-backup-17.2"), Make.Function("update-status")], []);

        Assert.Equal(["postgres-backup-17-2-0", "update-status-1"], resolved.Steps.Select(step => step.Name));
    }

    // ADDON_IMAGE > invoker's parameters and built-ins > step parameters > default in the Function.
    [Theory]
    [InlineData("${ADDON_IMAGE}", "granary/worker:test")]
    [InlineData("${given:=default}", "from-invoker")]
    [InlineData("${both:=default}", "from-invoker")]
    [InlineData("${step:=default}", "from-step")]
    [InlineData("${neither:=default}", "default")]
    public void Precedence_of_values(string argument, string expected)
    {
        var task = Make.Task(
            "t",
            Make.Step(
                "f",
                Make.Param("step", "from-step"),
                Make.Param("both", "from-step"),
                Make.Param("ADDON_IMAGE", "x")
            )
        );
        var variables = new Dictionary<string, string>
        {
            ["given"] = "from-invoker",
            ["both"] = "from-invoker",
            ["ADDON_IMAGE"] = "y",
        };

        var resolved = Resolve(task, [Make.Function("f", argument)], variables);

        Assert.Equal([expected], resolved.Steps[0].Function.Args);
    }

    [Fact]
    public void Every_missing_variable_is_named_with_its_place()
    {
        var task = Make.Task("t", Make.Step("f"));

        var failure = Assert.Throws<TaskResolutionException>(() =>
            Resolve(task, [Make.Function("f", "--a=${A}", "--b=${B}")], [])
        );

        Assert.Contains(
            "Function f, spec.args[0]: the variable ${A} has no value",
            failure.Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "Function f, spec.args[1]: the variable ${B} has no value",
            failure.Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_missing_Function_is_named()
    {
        var failure = Assert.Throws<TaskResolutionException>(() => Resolve(Make.Task("t", Make.Step("gone")), [], []));

        Assert.Contains("Function gone does not exist", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_task_without_steps_is_refused()
    {
        Assert.Throws<TaskResolutionException>(() => Resolve(Make.Task("t"), [], []));
    }

    [Fact]
    public void Step_parameters_and_volumes_may_hold_variables()
    {
        var task = Make.Task("t", Make.Step("f", Make.Param("dir", "/out/${NAMESPACE}")));
        task.Spec.Volumes =
        [
            new V1Volume
            {
                Name = "secret",
                Secret = new V1SecretVolumeSource { SecretName = "${REPOSITORY_SECRET_NAME}" },
            },
        ];
        var variables = new Dictionary<string, string>
        {
            ["NAMESPACE"] = "demo",
            ["REPOSITORY_SECRET_NAME"] = "s3-secret",
        };

        var resolved = Resolve(task, [Make.Function("f", "--dir=${dir}")], variables);

        Assert.Equal(["--dir=/out/demo"], resolved.Steps[0].Function.Args);
        Assert.Equal("s3-secret", resolved.Volumes[0].Secret.SecretName);
    }

    [Fact]
    public void A_value_that_looks_like_JSON_cannot_break_out_of_its_string()
    {
        var variables = new Dictionary<string, string> { ["args"] = "\"],\"image\":\"evil" };

        var resolved = Resolve(Make.Task("t", Make.Step("f")), [Make.Function("f", "--args=${args}")], variables);

        Assert.Equal(["--args=\"],\"image\":\"evil"], resolved.Steps[0].Function.Args);
        Assert.Equal("granary/worker:test", resolved.Steps[0].Function.Image);
    }

    [Fact]
    public void The_name_of_a_Task_comes_from_the_invoker_before_the_AppBinding()
    {
        var appBinding = Make.AppBinding();
        appBinding.Spec.Parameters = Json(
            """
            {"apiVersion":"appcatalog.appscode.com/v1alpha1","kind":"StashAddon","stash":{"addon":{
              "backupTask":{"name":"from-addon","params":[{"name":"args","value":"addon"},{"name":"user","value":"u"}]},
              "restoreTask":{"name":"restore-addon","params":[{"name":"args","value":"r"}]}}}}
            """
        );

        var asked = TaskChoice.ForBackup(
            new TaskRef { Name = "mine", Params = [Make.Param("args", "mine")] },
            appBinding
        );
        var silent = TaskChoice.ForBackup(null, appBinding);
        var restore = TaskChoice.ForRestore(new TaskRef { Params = [Make.Param("x", "y")] }, appBinding);

        Assert.Equal("mine", asked.Name);
        Assert.Equal([("args", "mine"), ("user", "u")], asked.Params!.Select(one => (one.Name, one.Value)));
        Assert.Equal("from-addon", silent.Name);
        Assert.Equal("restore-addon", restore.Name);
        Assert.Equal([("args", "r"), ("x", "y")], restore.Params!.Select(one => (one.Name, one.Value)));
    }

    [Fact]
    public void Without_a_name_anywhere_no_Task_can_be_chosen()
    {
        Assert.Throws<TaskResolutionException>(() => TaskChoice.ForBackup(new TaskRef(), Make.AppBinding()));
    }

    [Fact]
    public void A_Task_of_an_AppBinding_in_another_shape_is_refused_by_its_place()
    {
        var appBinding = Make.AppBinding();
        appBinding.Spec.Parameters = Json("""{"stash":{"addon":{"backupTask":{"name":"t","params":{"args":"-c"}}}}}""");

        var refused = Assert.Throws<TaskResolutionException>(() => TaskChoice.ForBackup(null, appBinding));

        Assert.Contains("spec.parameters.stash.addon", refused.Message, StringComparison.Ordinal);
    }

    private static System.Text.Json.JsonElement Json(string text) =>
        System.Text.Json.JsonDocument.Parse(text).RootElement;

    private static ResolvedTask Resolve(
        StashTask task,
        IEnumerable<Function> functions,
        Dictionary<string, string> variables
    ) => TaskResolution.Resolve(task, functions.ToDictionary(one => one.Metadata.Name), variables);
}
