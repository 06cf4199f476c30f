using System.Runtime.InteropServices;
using System.Text;

namespace Granary.Interop.Tests;

/// <summary>What files can be and the base class library does not know.</summary>
internal static partial class PosixFile
{
    public static void Link(string file, string name)
    {
        if (HardLink(file, name) != 0)
        {
            throw new IOException($"link {file} {name}: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    public static void SetAttribute(string file, string name, string value)
    {
        var bytes = Encoding.UTF8.GetBytes(value);
        if (SetXattr(file, name, bytes, (nuint)bytes.Length, flags: 0) != 0)
        {
            throw new IOException($"setxattr {name} of {file}: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    public static string Attribute(string file, string name)
    {
        var bytes = new byte[256];
        var length = GetXattr(file, name, bytes, (nuint)bytes.Length);
        return length < 0
            ? throw new IOException($"getxattr {name} of {file}: {Marshal.GetLastPInvokeErrorMessage()}")
            : Encoding.UTF8.GetString(bytes, 0, (int)length);
    }

    [LibraryImport("libc", EntryPoint = "link", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int HardLink(string path, string name);

    [LibraryImport("libc", EntryPoint = "setxattr", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int SetXattr(string path, string name, byte[] value, nuint size, int flags);

    [LibraryImport("libc", EntryPoint = "getxattr", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial nint GetXattr(string path, string name, [Out] byte[] value, nuint size);
}
