namespace KubeOps.Generator.Model;

/// <summary>What the generator needs to know of an entity class.</summary>
/// <remarks>Values only, no symbols: the compiler compares models to decide whether output is still good.</remarks>
internal sealed record EntityModel(
    string Name,
    string Namespace,
    string FullName,
    string Group,
    string Version,
    string Kind,
    string? Plural,
    bool TakesConstructor,
    bool IsDeclaredHere
)
{
    /// <summary>group/version, or the version alone in the core group.</summary>
    public string ApiVersion => Group.Length == 0 ? Version : Group + "/" + Version;
}
