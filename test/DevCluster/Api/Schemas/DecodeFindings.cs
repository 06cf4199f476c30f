namespace Granary.DevCluster.Api.Schemas;

/// <summary>What decoding found besides the value.</summary>
internal sealed class DecodeFindings
{
    /// <summary>Paths of fields that the type does not have.</summary>
    public List<string> Unknown { get; } = [];

    /// <summary>Paths of fields given more than once.</summary>
    public List<string> Duplicates { get; } = [];

    /// <summary>Set when a value has a type that the field cannot take.</summary>
    public string? TypeError { get; set; }

    public IEnumerable<string> Complaints =>
        Duplicates.Select(d => $"duplicate field \"{d}\"").Concat(Unknown.Select(u => $"unknown field \"{u}\""));
}
