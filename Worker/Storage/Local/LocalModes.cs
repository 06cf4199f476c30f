namespace Granary.Storage.Local;

/// <summary>Permissions of new files and folders.</summary>
/// <remarks>
/// Owner only, unless <c>config</c> is readable by its group: then the repository is shared, and the group may read all
/// of it. Source: repository format, "Backend contracts".
/// </remarks>
internal sealed record LocalModes(UnixFileMode Directory, UnixFileMode Growing, UnixFileMode Finished)
{
    private const UnixFileMode OwnerReadWrite = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public static LocalModes OwnerOnly { get; } =
        new(OwnerReadWrite | UnixFileMode.UserExecute, OwnerReadWrite, UnixFileMode.UserRead);

    public static LocalModes SharedWithGroup { get; } =
        new(
            OwnerOnly.Directory | UnixFileMode.GroupRead | UnixFileMode.GroupExecute,
            OwnerOnly.Growing | UnixFileMode.GroupRead,
            OwnerOnly.Finished | UnixFileMode.GroupRead
        );

    public static LocalModes For(string configPath) =>
        File.Exists(configPath) && File.GetUnixFileMode(configPath).HasFlag(UnixFileMode.GroupRead)
            ? SharedWithGroup
            : OwnerOnly;
}
