using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Errors;
using Granary.DevCluster.Api.Json;
using Granary.DevCluster.Api.Schemas;
using k8s.Models;

namespace Granary.DevCluster.Api.Strategies;

/// <summary>Objects of a CustomResourceDefinition: everything comes from its structural schema.</summary>
internal sealed class CustomResourceStrategy(Schema schema) : ResourceStrategy
{
    public override bool AllowsUnconditionalUpdate => false;

    public override void Decode(JsonObject value, Schema schema1, DecodeFindings findings)
    {
        if (value.ObjectAt("metadata") is { } metadata)
        {
            var found = new DecodeFindings();
            BuiltInDecoder.Decode(metadata, BuiltInSchemas.Of<V1ObjectMeta>(), found);
            findings.Unknown.AddRange(found.Unknown.Select(u => $"metadata.{u}"));
            findings.TypeError ??= found.TypeError;
        }

        SchemaDefaulter.DropNulls(value, schema);
        SchemaPruner.Prune(value, schema, findings.Unknown);
    }

    public override void Default(JsonObject value) => SchemaDefaulter.Apply(value, schema);

    public override void PrepareForStatusUpdate(JsonObject value, JsonObject old)
    {
        var status = value["status"]?.DeepClone();
        var managed = value.ArrayAt("metadata", "managedFields")?.DeepClone();
        foreach (var (name, _) in value.ToArray())
        {
            value.Remove(name);
        }

        foreach (var (name, kept) in old)
        {
            value[name] = kept?.DeepClone();
        }

        value.Remove("status");
        if (status is not null)
        {
            value["status"] = status;
        }

        if (managed is not null)
        {
            value.Child("metadata")["managedFields"] = managed;
        }
    }

    public override bool ChangesGeneration(JsonObject value, JsonObject old)
    {
        static JsonObject Counted(JsonObject o, bool withoutStatus)
        {
            var copy = o.Copy();
            copy.Remove("metadata");
            if (withoutStatus)
            {
                copy.Remove("status");
            }

            return copy;
        }

        return !Counted(value, HasStatus).SameAs(Counted(old, HasStatus));
    }

    public override IEnumerable<FieldError> Validate(JsonObject value) => SchemaValidator.Validate(value, schema);
}
