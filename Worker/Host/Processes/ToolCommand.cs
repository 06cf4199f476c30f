namespace Granary.Worker.Processes;

/// <summary>What to start.</summary>
/// <param name="Program">Path of the executable.</param>
/// <param name="Arguments">Never holds a secret: arguments are visible to every process of the machine.</param>
/// <param name="Environment">Set on top of the inherited environment; a null value removes the variable. Secrets go here.</param>
internal sealed record ToolCommand(string Program, IReadOnlyList<string> Arguments, IReadOnlyDictionary<string, string?> Environment)
{
    /// <summary>The program's own name, for messages.</summary>
    public string Name => Path.GetFileName(Program);

    /// <summary>The command as a person would type it, without the environment.</summary>
    public override string ToString() => string.Join(' ', [Program, .. Arguments]);
}
