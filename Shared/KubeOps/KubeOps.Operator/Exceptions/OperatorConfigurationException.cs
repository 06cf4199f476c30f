namespace KubeOps.Operator.Exceptions;

/// <summary>The operator was put together in a way that cannot work.</summary>
public sealed class OperatorConfigurationException(string message, Exception? inner = null)
    : InvalidOperationException(message, inner);
