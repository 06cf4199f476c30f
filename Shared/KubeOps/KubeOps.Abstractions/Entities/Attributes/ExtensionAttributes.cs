namespace KubeOps.Abstractions.Entities.Attributes;

/// <summary>Sets <c>x-kubernetes-preserve-unknown-fields</c> and tolerates members that have no schema.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Class)]
public class PreserveUnknownFieldsAttribute : Attribute;

/// <summary>An embedded Kubernetes object: an opaque object with <c>x-kubernetes-embedded-resource</c>.</summary>
[AttributeUsage(AttributeTargets.Property)]
public class EmbeddedResourceAttribute : Attribute;

/// <summary>How server-side apply merges a list.</summary>
public enum XListType
{
    /// <summary>As a whole.</summary>
    Atomic,

    /// <summary>As a set of scalars.</summary>
    Set,

    /// <summary>As a map, keyed by the fields of <see cref="XListMapKeysAttribute" />.</summary>
    Map,
}

/// <summary>How server-side apply merges an object.</summary>
public enum XMapType
{
    /// <summary>Field by field.</summary>
    Granular,

    /// <summary>As a whole.</summary>
    Atomic,
}

/// <summary><c>x-kubernetes-list-type</c>.</summary>
[AttributeUsage(AttributeTargets.Property)]
public class XListTypeAttribute(XListType listType) : Attribute
{
    /// <summary>The list's topology.</summary>
    public XListType ListType { get; } = listType;
}

/// <summary><c>x-kubernetes-list-map-keys</c>: JSON names of the item's fields that identify it.</summary>
[AttributeUsage(AttributeTargets.Property)]
public class XListMapKeysAttribute(params string[] keys) : Attribute
{
    /// <summary>The fields.</summary>
    public string[] Keys { get; } = keys;
}

/// <summary><c>x-kubernetes-map-type</c>.</summary>
[AttributeUsage(AttributeTargets.Property)]
public class XMapTypeAttribute(XMapType mapType) : Attribute
{
    /// <summary>The object's topology.</summary>
    public XMapType MapType { get; } = mapType;
}
