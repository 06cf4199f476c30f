namespace Granary.Worker.Processes;

/// <summary>What to start.</summary>
/// <param name="Program">Path of the executable.</param>
/// <param name="Arguments">Never holds a secret of ours: arguments are visible to every process of the machine.</param>
/// <param name="Environment">
/// Set on top of the inherited environment; a null value removes the variable. Secrets go here.
/// </param>
internal sealed record ToolCommand(
    string Program,
    IReadOnlyList<string> Arguments,
    IReadOnlyDictionary<string, string?> Environment
)
{
    /// <summary>What messages call it. Default: the program's own name.</summary>
    public string Name { get; init; } = Path.GetFileName(Program);

    /// <summary>
    /// Whether the arguments may be told. Those that a user wrote may hold what we cannot know to be secret.
    /// </summary>
    public bool IsTold { get; init; } = true;

    /// <summary>
    /// The command as a person would type it, without the environment; its name alone if more must not be told.
    /// </summary>
    public override string ToString() => IsTold ? string.Join(' ', [Program, .. Arguments]) : Name;
}
