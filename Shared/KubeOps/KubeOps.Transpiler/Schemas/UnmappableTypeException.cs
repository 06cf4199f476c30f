using KubeOps.Transpiler.Exceptions;

namespace KubeOps.Transpiler.Schemas;

/// <summary>
/// A type has no schema, or contains itself. Unlike a wrong attribute this can be tolerated by an opaque object.
/// </summary>
internal sealed class UnmappableTypeException(string message) : TranspilationFailedException(message);
