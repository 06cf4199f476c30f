using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Json;

namespace Granary.DevCluster.Api.Authentication;

/// <summary>Who makes a request.</summary>
internal sealed record User(string Name, string? Uid, IReadOnlyList<string> Groups, JsonObject? Extra = null)
{
    public const string Authenticated = "system:authenticated";
    public const string Masters = "system:masters";

    public static readonly User Anonymous = new("system:anonymous", null, ["system:unauthenticated"]);

    /// <summary>The form in which reviews carry a user.</summary>
    public JsonObject ToJson()
    {
        var json = new JsonObject { ["username"] = Name };
        if (!string.IsNullOrEmpty(Uid))
        {
            json["uid"] = Uid;
        }

        json["groups"] = Groups.ToJsonArray();
        if (Extra is { Count: > 0 })
        {
            json["extra"] = Extra.DeepClone();
        }

        return json;
    }
}
