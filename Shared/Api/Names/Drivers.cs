namespace Granary.Api.Names;

/// <summary>What moves the data.</summary>
public static class Drivers
{
    public const string Restic = "Restic";
    public const string VolumeSnapshotter = "VolumeSnapshotter";
}
