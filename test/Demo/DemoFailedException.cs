namespace Granary.Demo;

/// <summary>The demo did not get what it promised; the message is the reason on the last line.</summary>
internal sealed class DemoFailedException(string message) : Exception(message);
