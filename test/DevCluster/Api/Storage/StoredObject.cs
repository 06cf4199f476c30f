using System.Text.Json.Nodes;

namespace Granary.DevCluster.Api.Storage;

/// <summary>
/// One version of an object as it is kept. The tree is never changed; copy it before changing anything.
/// </summary>
/// <param name="Namespace">Empty for cluster-scoped objects.</param>
/// <param name="Revision">The resourceVersion as a number.</param>
internal sealed record StoredObject(string Namespace, string Name, long Revision, JsonObject Value);

internal enum ChangeType
{
    Added,
    Modified,
    Deleted,
}

/// <summary>What happened to one object at one revision.</summary>
/// <param name="Object">
/// The object after the change; of a deletion, its last state with the deletion's revision.
/// </param>
/// <param name="Previous">The object before the change; null for a creation.</param>
internal sealed record StoredChange(ChangeType Type, long Revision, StoredObject Object, StoredObject? Previous);
