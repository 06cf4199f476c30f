using System.Text.Json.Nodes;
using Granary.Api.Common;
using Granary.Api.Names;
using Granary.Api.Stash.V1Beta1;
using k8s;

namespace Granary.Operator.Tasks;

/// <summary>
/// Turns a Task, its Functions and the variables into the containers of a Job. Source: stash-behaviour §3.2.
/// </summary>
/// <remarks>
/// Precedence: ADDON_IMAGE, then what the invoker or AppBinding gives and built-ins (of which no parameter can have the
/// name), then the Task's step parameters, then the default written in the Function. Each string is expanded by itself,
/// so a value with quotes or newlines stays one value.
/// </remarks>
internal static class TaskResolution
{
    /// <exception cref="TaskResolutionException">
    /// A Function is missing, or a mandatory variable has no value; all of them are named.
    /// </exception>
    public static ResolvedTask Resolve(
        StashTask task,
        IReadOnlyDictionary<string, Function> functions,
        IReadOnlyDictionary<string, string> variables
    )
    {
        var problems = new List<string>();
        var spec = Expanded(task.Spec, variables, $"Task {task.Metadata.Name}", problems);
        if (spec.Steps is not { Count: > 0 })
        {
            throw new TaskResolutionException($"Task {task.Metadata.Name} has no steps");
        }

        var steps = spec.Steps.Select((step, index) => Step(step, index, functions, variables, problems)).ToList();
        return problems.Count == 0
            ? new ResolvedTask([.. steps.OfType<ResolvedStep>()], spec.Volumes ?? [])
            : throw new TaskResolutionException(string.Join("; ", problems.Distinct()));
    }

    private static ResolvedStep? Step(
        FunctionRef step,
        int index,
        IReadOnlyDictionary<string, Function> functions,
        IReadOnlyDictionary<string, string> variables,
        List<string> problems
    )
    {
        var name = step.Name ?? "";
        if (!functions.TryGetValue(name, out var function))
        {
            problems.Add($"the Function {(name.Length > 0 ? name : "of a step without a name")} does not exist");
            return null;
        }

        var inputs = Inputs(step.Params, variables);
        inputs["ADDON_IMAGE"] = function.Spec.Image ?? "";
        var spec = Expanded(function.Spec, inputs, $"Function {name}", problems);
        if (string.IsNullOrEmpty(spec.Image))
        {
            problems.Add($"Function {name} names no image");
        }

        return new ResolvedStep(ObjectNames.StepContainer(name, index), spec, inputs);
    }

    private static Dictionary<string, string> Inputs(
        IEnumerable<Param>? parameters,
        IReadOnlyDictionary<string, string> variables
    )
    {
        var inputs = new Dictionary<string, string>();
        foreach (var parameter in parameters ?? [])
        {
            inputs[parameter.Name] = parameter.Value;
        }

        foreach (var (name, value) in variables)
        {
            inputs[name] = value;
        }

        return inputs;
    }

    private static T Expanded<T>(
        T value,
        IReadOnlyDictionary<string, string> variables,
        string owner,
        List<string> problems
    )
    {
        var document = JsonNode.Parse(KubernetesJson.Serialize(value));
        var expanded = Expand(
            document,
            "spec",
            (place, problem) => problems.Add($"{owner}, {place}: {problem}"),
            variables
        );
        return KubernetesJson.Deserialize<T>(expanded?.ToJsonString() ?? "{}");
    }

    private static JsonNode? Expand(
        JsonNode? node,
        string place,
        Action<string, string> report,
        IReadOnlyDictionary<string, string> variables
    )
    {
        switch (node)
        {
            case JsonObject map:
                return new JsonObject(
                    map.Select(member =>
                        KeyValuePair.Create(
                            member.Key,
                            Expand(member.Value, $"{place}.{member.Key}", report, variables)
                        )
                    )
                );
            case JsonArray list:
                return new JsonArray([
                    .. list.Select((item, index) => Expand(item, $"{place}[{index}]", report, variables)),
                ]);
            case JsonValue value when value.TryGetValue<string>(out var text):
                return JsonValue.Create(new Template(variables, problem => report(place, problem)).Expand(text));
            default:
                return node?.DeepClone();
        }
    }
}
