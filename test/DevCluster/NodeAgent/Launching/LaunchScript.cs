using System.Text;

namespace Granary.DevCluster.Nodes.Launching;

/// <summary>
/// The shell script that turns a fresh mount and process namespace into a container: the host's files under a private
/// overlay, the Pod's mounts on top, own <c>/dev</c> and <c>/proc</c>, then the program as process 1.
/// </summary>
/// <remarks>
/// Mount points are made inside of the overlay, so nothing of a container is ever seen on the host and nothing needs to
/// be undone: the mounts end with the namespace. The script's own variables are named so that they cannot meet one of
/// the container's.
/// </remarks>
internal static class LaunchScript
{
    private static readonly string[] Kernel =
    [
        "proc",
        "sysfs",
        "devtmpfs",
        "devpts",
        "cgroup",
        "cgroup2",
        "mqueue",
        "debugfs",
        "tracefs",
        "securityfs",
        "pstore",
        "bpf",
        "autofs",
        "fusectl",
        "configfs",
        "hugetlbfs",
        "nsfs",
        "binfmt_misc",
        "rpc_pipefs",
        "efivarfs",
        "ramfs",
        "squashfs",
    ];

    public static string Write(LaunchSpec spec)
    {
        var script = new StringBuilder();
        void Line(string text) => script.Append(text).Append('\n');

        Line("set -eu");
        Line("__granary_path=$PATH");
        Line("PATH=/usr/sbin:/usr/bin:/sbin:/bin");
        Line(
            $"exec 4>&2 2>{Quote(Path.Combine(spec.Directory, "setup-error"))} "
                + $"5>{Quote(Path.Combine(spec.Directory, "started"))}"
        );

        // The host's /proc is still mounted here, so this is the process id that the host knows.
        Line("read -r __granary_pid __granary_rest </proc/self/stat");
        Line($"echo \"$__granary_pid\" >{Quote(Path.Combine(spec.Directory, "pid"))}");
        if (spec.MemoryGroup is { } group)
        {
            Line($"echo 0 >{Quote(Path.Combine(group, "cgroup.procs"))}");
        }

        Root(spec, Line);
        Devices(Line);
        foreach (var mount in spec.Mounts.OrderBy(mount => mount.Target.Count(c => c == '/')))
        {
            Bind(mount, Line);
        }

        Line($"[ ! -d {Quote(spec.Hidden)} ] || mount -t tmpfs -o ro,mode=000 tmpfs {Quote(spec.Hidden)}");
        Line("umount -l /.granary-host; rmdir /.granary-host");
        Line($"hostname {Quote(spec.HostName)}");
        Line($"mkdir -p {Quote(spec.WorkingDirectory)}; cd {Quote(spec.WorkingDirectory)}");
        if (spec.ReadOnlyRoot)
        {
            Line("mount -o remount,bind,ro /");
        }

        Line("echo yes >&5");
        Line("exec 2>&4 4>&- 5>&-");

        // The shell keeps only names that it could have made itself, and adds its own two.
        var odd = spec.Environment.Where(pair =>
            !IsShellName(pair.Key) || pair.Key is "PWD" or "OLDPWD" or "IFS" or "PS1" or "PS2" or "PS4" or "OPTIND"
        );
        var names = string.Concat(odd.Select(pair => $" {Quote($"{pair.Key}={pair.Value}")}"));
        var path = spec.Environment.ContainsKey("PATH") ? " PATH=\"$__granary_path\"" : "";
        Line(
            $"exec /usr/bin/env -u PWD -u OLDPWD{path}{names} "
                + $"{string.Join(' ', spec.User.Prefix().Concat(spec.Command).Select(Quote))}"
        );
        return script.ToString();
    }

    /// <summary>A word that the shell takes as it is.</summary>
    public static string Quote(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private static void Root(LaunchSpec spec, Action<string> line)
    {
        var root = Path.Combine(spec.Directory, "root");
        var scratch = Path.Combine(spec.Directory, "scratch");
        line(
            "__granary_overlay() { mkdir -p \"$3/up\" \"$3/work\"; mount -t overlay overlay -o "
                + "\"lowerdir=$1,upperdir=$3/up,workdir=$3/work\" \"$2\"; }"
        );
        line($"mkdir -p {Quote(root)} {Quote(scratch)}/0");

        // An overlay cannot lie on another overlay's upper directory (inside of a container, say): memory then.
        line(
            $"__granary_overlay / {Quote(root)} {Quote(scratch)}/0 2>/dev/null || {{ mount -t tmpfs tmpfs "
                + $"{Quote(scratch)}; "
                + $"__granary_overlay / {Quote(root)} {Quote(scratch)}/0; }}"
        );
        var number = 0;
        foreach (var point in HostMounts())
        {
            number++;
            line(
                $"__granary_overlay {Quote(point)} {Quote(root + point)} {Quote(scratch)}/{number} 2>/dev/null "
                    + $"|| mount --bind {Quote(point)} {Quote(root + point)} 2>/dev/null || :"
            );
        }

        line($"cd {Quote(root)}; mkdir .granary-host; pivot_root . .granary-host; cd /");
        line("mount -t proc proc /proc");
        line("mount --rbind /.granary-host/sys /sys");
    }

    private static void Devices(Action<string> line)
    {
        line("mount -t tmpfs -o mode=755,nosuid tmpfs /dev");
        line(
            "for __granary_d in null zero full random urandom tty; do : >/dev/$__granary_d; "
                + "mount --bind /.granary-host/dev/$__granary_d /dev/$__granary_d; done"
        );
        line("mkdir /dev/pts /dev/shm");
        line("mount -t devpts -o newinstance,ptmxmode=0666,mode=0620 devpts /dev/pts");
        line("mount -t tmpfs -o mode=1777 tmpfs /dev/shm");
        line(
            "ln -s pts/ptmx /dev/ptmx; ln -s /proc/self/fd /dev/fd; "
                + "ln -s /proc/self/fd/0 /dev/stdin; ln -s /proc/self/fd/1 /dev/stdout; ln -s /proc/self/fd/2 "
                + "/dev/stderr"
        );
    }

    private static void Bind(BindMount mount, Action<string> line)
    {
        var target = Quote(mount.Target);
        line(
            Directory.Exists(mount.Source)
                ? $"mkdir -p {target}"
                : $"mkdir -p {Quote(Path.GetDirectoryName(mount.Target)!)}; [ -e {target} ] || : >{target}"
        );
        line($"mount --bind {Quote("/.granary-host" + mount.Source)} {target}");
        if (mount.ReadOnly)
        {
            line($"mount -o remount,bind,ro {target}");
        }
    }

    // File systems of the host beside its root, each to be seen through an overlay of its own. /run is the containers'
    // own.
    private static IEnumerable<string> HostMounts()
    {
        foreach (var line in File.ReadLines("/proc/self/mountinfo"))
        {
            var fields = line.Split(' ');
            var type = fields[Array.IndexOf(fields, "-") + 1];
            var point = fields[4];
            if (
                !Kernel.Contains(type, StringComparer.Ordinal)
                && point != "/"
                && !point.Contains('\\', StringComparison.Ordinal)
                && !((string[])["/proc", "/sys", "/dev", "/run", "/var/run"]).Any(top =>
                    point == top || point.StartsWith(top + "/", StringComparison.Ordinal)
                )
                && Directory.Exists(point)
            )
            {
                yield return point;
            }
        }
    }

    private static bool IsShellName(string name) =>
        name.Length > 0 && !char.IsAsciiDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');
}
