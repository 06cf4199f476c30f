using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Granary.Worker.Streams;

/// <summary>Tells files that hold bytes from devices and pipes, which the runtime does not.</summary>
internal static partial class FileKinds
{
    // Source: statx(2), inode(7). The structure is the same on every processor: 256 bytes, the mode at 28.
    private const int CurrentDirectory = -100;
    private const uint TypeAndMode = 3;
    private const int StructureSize = 256;
    private const int ModeAt = 28;
    private const int TypeMask = 0xF000;
    private const int Regular = 0x8000;

    /// <summary>Whether something is at the path, behind links, that is neither a plain file nor a folder.</summary>
    public static unsafe bool IsSpecial(string path)
    {
        if (!OperatingSystem.IsLinux() || !File.Exists(path))
        {
            return false;
        }

        Span<byte> structure = stackalloc byte[StructureSize];
        fixed (byte* target = structure)
        {
            return Describe(CurrentDirectory, path, 0, TypeAndMode, target) == 0
                && (BinaryPrimitives.ReadUInt16LittleEndian(structure[ModeAt..]) & TypeMask) != Regular;
        }
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static unsafe partial int Describe(int directory, string path, int flags, uint mask, byte* target);
}
