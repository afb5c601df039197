// SPDX-License-Identifier: Apache-2.0

using System.Collections;
using Resolver.Linux.Interop;
using Resolver.Linux.Namespaces;

namespace Resolver.Linux.Processes;

/// <summary>A program to run in place of the calling process, inside a namespace.</summary>
/// <param name="NetnsPath">The namespace to enter.</param>
/// <param name="BindMounts">Files to bind-mount over others (source, target) in a private mount namespace.</param>
/// <param name="Arguments">argv; the first is looked up in PATH like a shell does.</param>
/// <param name="Hostname">UTS host name to set in a UTS namespace of its own; null to keep the host's.</param>
public sealed record SandboxProgram(
    string NetnsPath, IReadOnlyList<(string Source, string Target)> BindMounts, IReadOnlyList<string> Arguments, string? Hostname = null)
{
    private const string DefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    /// <summary>
    /// Enters the namespaces and replaces this process (execve): the pid stays, so signals and the exit status are the program's own.
    /// Ignored signals and the signal mask are reset first, because .NET ignores SIGPIPE.
    /// </summary>
    /// <exception cref="KernelException">A step was refused; ENOENT with operation execve when the program is not found. Does not return on success.</exception>
    public void Execute()
    {
        using NetworkNamespace netns = NetworkNamespace.Open(NetnsPath);

        // execve from a thread that is not the first ends all others and gives this one the process's id; its namespaces are what counts.
        NamespaceThread.Run(netns, () =>
        {
            EnterOwnMounts();
            if (Hostname is not null)
            {
                Check(Libc.sethostname(Hostname, System.Text.Encoding.UTF8.GetByteCount(Hostname)), "sethostname", Hostname);
            }

            Replace(FindProgram());
        });
    }

    private void EnterOwnMounts()
    {
        int flags = Libc.CLONE_NEWNS | (Hostname is null ? 0 : Libc.CLONE_NEWUTS);
        Check(Libc.unshare(flags), "unshare", "mount namespace");

        // Slave: what the host mounts later is still seen, what is mounted here is not seen there.
        Check(Libc.mount(string.Empty, "/", "none", Libc.MS_SLAVE | Libc.MS_REC, 0), "mount --make-rslave", "/");
        ShowOwnLinksInSys();
        foreach ((string source, string target) in BindMounts)
        {
            Bind(source, FollowLinks(target));
        }
    }

    private static void Bind(string source, string target)
    {
        if (Libc.mount(source, target, "none", Libc.MS_BIND, 0) != 0)
        {
            // The kernel's answer does not tell which of the two is missing.
            Errno errno = Libc.LastErrno;
            string? missing = errno is Errno.ENOENT ? new[] { source, target }.FirstOrDefault(path => !Path.Exists(path)) : null;
            throw new KernelException("mount --bind", $"{source} on {target}", errno, missing is null ? null : $"there is no {missing}");
        }
    }

    private static string FollowLinks(string path)
    {
        try
        {
            return File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
        }
        catch (IOException)
        {
            // It is not there, or a circle of links: mount refuses it, and says which.
            return path;
        }
    }

    // /sys/class/net shows the namespace in which sysfs was mounted. Where sysfs can't be mounted anew (in a container, for example, EPERM
    // or EBUSY), the old one stays, which only hides links from programs that read /sys. It is covered, not unmounted first as by
    // ip-netns(8): a mount that is refused then would leave /sys empty.
    private static void ShowOwnLinksInSys() => _ = Libc.mount("sysfs", "/sys", "sysfs", 0, 0);

    private string FindProgram()
    {
        string name = Arguments[0];
        if (name.Contains('/', StringComparison.Ordinal))
        {
            return name;
        }

        string path = Environment.GetEnvironmentVariable("PATH") is { Length: > 0 } given ? given : DefaultPath;
        foreach (string directory in path.Split(':'))
        {
            string candidate = Path.Combine(directory.Length == 0 ? "." : directory, name);
            if (File.Exists(candidate) && (File.GetUnixFileMode(candidate) & AnyExecute) != 0)
            {
                return candidate;
            }
        }

        throw new KernelException("execve", name, Errno.ENOENT, "it is in no directory of PATH");
    }

    private void Replace(string program)
    {
        string?[] environment = [.. Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Select(e => $"{e.Key}={e.Value}"), null];
        for (int signal = 1; signal <= Libc.LastSignal; signal++)
        {
            // SIG_DFL is 0. SIGKILL, SIGSTOP and libc's own refuse, which is as it should be.
            _ = Libc.signal(signal, 0);
        }

        Libc.UnblockAllSignals();
        _ = Libc.execve(program, [.. Arguments, null], environment);
        throw new KernelException("execve", program, Libc.LastErrno);
    }

    private const UnixFileMode AnyExecute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private static void Check(int result, string operation, string subject)
    {
        if (result != 0)
        {
            throw new KernelException(operation, subject, Libc.LastErrno);
        }
    }
}
