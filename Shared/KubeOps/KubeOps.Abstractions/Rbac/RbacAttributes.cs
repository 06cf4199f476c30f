namespace KubeOps.Abstractions.Rbac;

/// <summary>Rights that a class of the operator needs. Read by tools only.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
public abstract class RbacAttribute : Attribute;

/// <summary>Rights on resources that are named by their classes.</summary>
public class EntityRbacAttribute(params Type[] entities) : RbacAttribute
{
    /// <summary>The resources.</summary>
    public IEnumerable<Type> Entities { get; } = entities;

    /// <summary>What is done with them.</summary>
    public RbacVerb Verbs { get; init; }
}

/// <summary>Rights on resources that are named by text: one rule per attribute.</summary>
public class GenericRbacAttribute : RbacAttribute
{
    /// <summary>API groups; the core group is the empty text.</summary>
    public string[] Groups { get; init; } = [];

    /// <summary>Plural names.</summary>
    public string[] Resources { get; init; } = [];

    /// <summary>Non-resource URLs.</summary>
    public string[] Urls { get; init; } = [];

    /// <summary>What is done with them.</summary>
    public RbacVerb Verbs { get; init; }
}

/// <summary>Verbs of the API server.</summary>
[Flags]
public enum RbacVerb
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The wildcard.</summary>
    All = 1,

    /// <summary>Read one.</summary>
    Get = 2,

    /// <summary>Read many.</summary>
    List = 4,

    /// <summary>Follow changes.</summary>
    Watch = 8,

    /// <summary>Create.</summary>
    Create = 16,

    /// <summary>Replace.</summary>
    Update = 32,

    /// <summary>Change parts.</summary>
    Patch = 64,

    /// <summary>Delete one.</summary>
    Delete = 128,

    /// <summary>All of the verbs above by name, instead of the wildcard.</summary>
    AllExplicit = 256,
}
