namespace KubeOps.Transpiler.Exceptions;

/// <summary>
/// A class cannot be expressed as a resource definition. The message names the entity and the member.
/// </summary>
public class TranspilationFailedException(string message, Exception? innerException = null)
    : Exception(message, innerException);
