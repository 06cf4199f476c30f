using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Errors;
using Granary.DevCluster.Api.Json;
using Granary.DevCluster.Api.Schemas;

namespace Granary.DevCluster.Api.Strategies;

/// <summary>
/// What is particular about one kind: its defaults, what a write may change, and when an object is valid.
/// </summary>
internal class ResourceStrategy
{
    /// <summary>The kind counts changes of its specification in <c>metadata.generation</c>.</summary>
    public bool TracksGeneration { get; init; }

    /// <summary>Status is written through its own path only.</summary>
    public bool HasStatus { get; init; }

    /// <summary>The status of a new object; null leaves the field out.</summary>
    public Func<JsonObject>? InitialStatus { get; init; }

    /// <summary>A deletion answers with the object instead of a Status.</summary>
    public bool ReturnsDeletedObject { get; init; }

    /// <summary>A replacement without a resourceVersion is accepted.</summary>
    public virtual bool AllowsUnconditionalUpdate => true;

    /// <summary>Checks a name; null accepts it.</summary>
    public Func<string, string?> NameRule { get; init; } = NameRules.Subdomain;

    /// <summary>Propagation of a deletion that does not say, and the warning that goes with it.</summary>
    public virtual (string Policy, string? Warning) DefaultPropagation => ("Background", null);

    /// <summary>Brings the value into the kind's form. Unknown fields go and are reported.</summary>
    public virtual void Decode(JsonObject value, Schema schema, DecodeFindings findings) =>
        BuiltInDecoder.Decode(value, schema, findings);

    /// <summary>Writes the defaults, after decoding and before admission.</summary>
    public virtual void Default(JsonObject value) { }

    public virtual void PrepareForCreate(JsonObject value)
    {
        if (HasStatus)
        {
            value.Remove("status");
            if (InitialStatus is not null)
            {
                value["status"] = InitialStatus();
            }
        }
    }

    /// <summary>Undoes what a write of the object itself may not change.</summary>
    public virtual void PrepareForUpdate(JsonObject value, JsonObject old)
    {
        if (HasStatus)
        {
            Restore(value, old, "status");
        }
    }

    /// <summary>Undoes what a write of the status may not change.</summary>
    public virtual void PrepareForStatusUpdate(JsonObject value, JsonObject old) => Restore(value, old, "spec");

    /// <summary>True when the change counts for <c>metadata.generation</c>.</summary>
    public virtual bool ChangesGeneration(JsonObject value, JsonObject old) => !value["spec"].SameAs(old["spec"]);

    public virtual IEnumerable<FieldError> Validate(JsonObject value) => [];

    public virtual IEnumerable<FieldError> ValidateUpdate(JsonObject value, JsonObject old) => [];

    /// <summary>Things worth telling the client about a valid object.</summary>
    public virtual IEnumerable<string> Warnings(JsonObject value) => [];

    /// <summary>Seconds that a deletion waits for whoever runs the object; null when nobody does.</summary>
    public virtual long? GracePeriod(JsonObject value, long? requested) => null;

    protected static void Restore(JsonObject value, JsonObject old, string field)
    {
        if (old[field] is { } kept)
        {
            value[field] = kept.DeepClone();
        }
        else
        {
            value.Remove(field);
        }
    }
}
