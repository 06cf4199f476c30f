namespace Granary.Operator.Tasks;

/// <summary>
/// No Job can be made from the Task, its Functions and the variables at hand; the message says why and where.
/// </summary>
internal sealed class TaskResolutionException(string message) : Exception(message);
