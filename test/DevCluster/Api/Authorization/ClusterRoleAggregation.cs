using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Json;
using Granary.DevCluster.Api.Selectors;
using Granary.DevCluster.Api.Storage;

namespace Granary.DevCluster.Api.Authorization;

/// <summary>Keeps the rules of aggregated ClusterRoles: the union of the roles that their selectors select.</summary>
internal sealed class ClusterRoleAggregation(ObjectStore store)
{
    private const string Resource = $"clusterroles.{RbacRules.Group}";

    public void OnStored(string resource, StoredChange change)
    {
        if (resource != Resource)
        {
            return;
        }

        foreach (var role in store.List(Resource).Objects)
        {
            if (role.Value.ArrayAt("aggregationRule", "clusterRoleSelectors") is { } selectors)
            {
                Aggregate(role, selectors);
            }
        }
    }

    private void Aggregate(StoredObject role, JsonArray selectors)
    {
        var chosen = selectors.Objects().Select(LabelSelector.FromObject).ToArray();
        var rules = new JsonArray();
        foreach (var other in store.List(Resource).Objects)
        {
            if (other.Name == role.Name || !chosen.Any(s => s!.Matches(other.Value)))
            {
                continue;
            }

            foreach (var rule in other.Value.ArrayAt("rules").Objects())
            {
                if (!rules.Any(r => r.SameAs(rule)))
                {
                    rules.Add((JsonNode)rule.Copy());
                }
            }
        }

        if (!rules.SameAs(role.Value["rules"]) && !(rules.Count == 0 && role.Value["rules"] is null))
        {
            var value = role.Value.Copy();
            value["rules"] = rules;
            store.Update(Resource, role, value);
        }
    }
}
