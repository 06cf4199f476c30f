namespace KubeOps.Abstractions.Entities.Attributes;

/// <summary>Adds the property to its parent's <c>required</c> list.</summary>
/// <remarks>The C# <c>required</c> keyword and nullability do not count.</remarks>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Class)]
public class RequiredAttribute : Attribute;

/// <summary>Keeps a property out of the schema, or a class out of the generated manifests.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Class)]
public class IgnoreAttribute : Attribute;

/// <summary>Marks the version that the API server stores.</summary>
[AttributeUsage(AttributeTargets.Class)]
public class StorageVersionAttribute : Attribute;
