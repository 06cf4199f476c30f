namespace Granary.Access;

/// <summary>
/// A step cannot do its work, for a reason that a person can act on. The message says which and holds nothing secret.
/// </summary>
public sealed class StepFailedException(string message, Exception? innerException = null)
    : Exception(message, innerException);
