using System.Reflection;

namespace KubeOps.Transpiler;

/// <summary>
/// Makes an attribute whose values are set in its own constructor, so that metadata alone does not hold them: a
/// subclass of <c>GenericAdditionalPrinterColumnAttribute</c> without parameters.
/// </summary>
public interface IInheritedAttributeResolver
{
    /// <summary>The attribute, or null when this resolver does not know its class.</summary>
    Attribute? Resolve(CustomAttributeData attribute);
}
