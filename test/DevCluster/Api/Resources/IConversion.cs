using System.Text.Json.Nodes;

namespace Granary.DevCluster.Api.Resources;

/// <summary>Between the form in which an object is kept and the form of the version that is asked for.</summary>
internal interface IConversion
{
    /// <summary>Changes an object of the asked version into the kept form, in place.</summary>
    void ToStored(JsonObject value);

    /// <summary>Changes an object of the kept form into the asked version, in place.</summary>
    void FromStored(JsonObject value);
}
