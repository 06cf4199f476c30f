using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Routing;

namespace Granary.DevCluster.Api.Admission;

/// <summary>A write on its way into the store.</summary>
/// <param name="Operation">CREATE, UPDATE, DELETE or CONNECT.</param>
/// <param name="Name">Empty until a generated name is made.</param>
/// <param name="Options">The options of the write, as reviews carry them.</param>
internal sealed record AdmissionAttempt(
    ApiRequest Request,
    string Operation,
    string Namespace,
    string Name,
    string Subresource,
    JsonObject Options
)
{
    /// <summary>The object as it would be stored; null for a deletion.</summary>
    public JsonObject? Object { get; set; }

    public JsonObject? Old { get; init; }

    /// <summary>Options of a create or update, from the request.</summary>
    public static JsonObject OptionsOf(ApiRequest request, string kind)
    {
        var options = new JsonObject { ["kind"] = kind, ["apiVersion"] = "meta.k8s.io/v1" };
        if (request.DryRun)
        {
            options["dryRun"] = new JsonArray("All");
        }

        foreach (var name in (string[])["fieldManager", "fieldValidation"])
        {
            if (request.Query(name) is { Length: > 0 } value)
            {
                options[name] = value;
            }
        }

        return options;
    }
}

/// <summary>A rule that looks at every write. Mutating rules run before validation, validating ones after.</summary>
internal interface IAdmissionRule
{
    ValueTask MutateAsync(AdmissionAttempt attempt, CancellationToken cancellationToken);

    ValueTask ValidateAsync(AdmissionAttempt attempt, CancellationToken cancellationToken);
}

/// <summary>The rules, in order.</summary>
internal sealed class AdmissionChain(IReadOnlyList<IAdmissionRule> rules)
{
    public async ValueTask MutateAsync(AdmissionAttempt attempt, CancellationToken cancellationToken)
    {
        foreach (var rule in rules)
        {
            await rule.MutateAsync(attempt, cancellationToken);
        }
    }

    public async ValueTask ValidateAsync(AdmissionAttempt attempt, CancellationToken cancellationToken)
    {
        foreach (var rule in rules)
        {
            await rule.ValidateAsync(attempt, cancellationToken);
        }
    }
}
