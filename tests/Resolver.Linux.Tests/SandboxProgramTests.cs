// SPDX-License-Identifier: Apache-2.0

using System.Globalization;
using Resolver.Linux.Namespaces;
using Resolver.Linux.Processes;
using Resolver.Linux.Tests.Mounts;
using Xunit;

namespace Resolver.Linux.Tests;

/// <summary>Each test starts <see cref="Program"/> anew, because <see cref="SandboxProgram"/> replaces its process.</summary>
public sealed class SandboxProgramTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("sandbox-program-");
    private readonly NetworkNamespace _netns = NetworkNamespace.Create();

    public void Dispose()
    {
        _netns.Dispose();
        _directory.Delete(recursive: true);
    }

    [Fact]
    public void The_program_runs_in_the_namespace()
    {
        using NetworkNamespace own = NetworkNamespace.OpenCurrent();
        Assert.NotEqual(own.Inode, _netns.Inode);
        Assert.Equal($"net:[{_netns.Inode}]", Output([], "readlink", "/proc/self/ns/net"));
    }

    [Fact]
    public void It_takes_the_place_of_the_process()
    {
        // The shell waits for the process that it started, and says its id; the program says its own.
        string[] lines = Succeeded(Shell.Run(
            ["sh", "-c", "\"$@\" & echo $!; wait $!", "sh", .. CommandLine("", [], "sh", "-c", "echo $$")])).Split('\n');
        Assert.Equal(2, lines.Length);
        Assert.Equal(lines[0], lines[1]);
    }

    [Fact]
    public void Its_resolver_files_are_its_own_and_nobody_else_sees_them()
    {
        string[] mounts = [.. PrivateMounts.At("/etc/resolv.conf"), .. PrivateMounts.At("/etc/hosts")];
        string resolver = Write("resolv.conf", "nameserver 127.0.0.11");
        (string, string)[] files = [(resolver, "/etc/resolv.conf"), (Write("hosts", "ours"), "/etc/hosts")];
        string before = File.ReadAllText("/etc/resolv.conf") + File.ReadAllText("/etc/hosts");
        string after = Path.Combine(_directory.FullName, "after");

        // The program looks at this process's files while its own mounts are there.
        string script = $"cat /etc/resolv.conf /etc/hosts; cat {Outside("/etc/resolv.conf")} {Outside("/etc/hosts")} >{after}";
        Assert.Equal("nameserver 127.0.0.11\nours", Output(files, "sh", "-c", script));
        Assert.Equal(before, File.ReadAllText(after));
        Assert.Equal(mounts, (string[])[.. PrivateMounts.At("/etc/resolv.conf"), .. PrivateMounts.At("/etc/hosts")]);
    }

    [Fact]
    public void Mounts_do_not_get_out_of_a_shared_mount_either()
    {
        PrivateMounts.Run(() =>
        {
            string target = "/run/target";
            File.WriteAllText(target, "outside\n");
            _ = Succeeded(Shell.Run("mount", "--make-shared", "/run"));
            Assert.Equal("inside", Output([(Write("source", "inside"), target)], "cat", target));

            // The program's process has ended; a mount that got out would have stayed.
            Assert.Equal("outside\n", File.ReadAllText(target));
            Assert.Empty(PrivateMounts.At(target));
        });
    }

    [Fact]
    public void A_link_such_as_resolved_makes_of_resolv_conf_leads_to_the_file_that_is_covered()
    {
        string target = Write("target", "host's");
        string link = Path.Combine(_directory.FullName, "link");
        File.CreateSymbolicLink(link, "target");
        Assert.Equal("sandbox's\nsandbox's", Output([(Write("source", "sandbox's"), link)], "cat", link, target));
        Assert.Equal("target", new FileInfo(link).LinkTarget);
    }

    [Fact]
    public void Sys_shows_the_links_of_the_namespace()
    {
        _ = Shell.In(_netns, "ip", "link", "add", "mine0", "type", "veth", "peer", "name", "mine1");
        string[] outside = Directory.GetFileSystemEntries("/sys/class/net");
        Assert.Equal("lo\nmine0\nmine1", Output([], "ls", "/sys/class/net"));
        Assert.Equal(outside, Directory.GetFileSystemEntries("/sys/class/net"));
    }

    [Fact]
    public void Where_sys_can_not_be_mounted_the_old_one_stays()
    {
        PrivateMounts.Run(() =>
        {
            // A root where /sys is a file, on which no file system can be mounted; all else is the machine's.
            _ = Succeeded(Shell.Run("sh", "-euc", """
                mkdir /run/root
                mount -t tmpfs tmpfs /run/root
                for entry in /*; do
                  name=${entry#/}
                  if test -L "$entry"; then cp -P "$entry" "/run/root/$name"
                  elif test "$name" = sys; then :
                  elif test -d "$entry"; then mkdir "/run/root/$name"; mount --rbind "$entry" "/run/root/$name"
                  fi
                done
                echo old >/run/root/sys
                mount --bind /run/root/sys /run/root/sys
                """));
            Assert.Equal("old", Succeeded(Shell.Run(["chroot", "/run/root", .. CommandLine("", [], "cat", "/sys")])));
        });
    }

    [Theory]
    [InlineData("exit 0", 0)]
    [InlineData("exit 7", 7)]
    [InlineData("kill -TERM $$", 128 + 15)]
    public void The_exit_status_is_the_programs(string script, int expected)
    {
        Assert.Equal(expected, Run([], "sh", "-c", script).ExitCode);
    }

    [Fact]
    public void No_signal_is_ignored_or_blocked()
    {
        string status = Output([], "cat", "/proc/self/status");
        Assert.Contains("\nSigBlk:\t0000000000000000\n", status, StringComparison.Ordinal);
        Assert.Contains("\nSigIgn:\t0000000000000000\n", status, StringComparison.Ordinal);
    }

    [Fact]
    public void Arguments_and_environment_arrive_as_they_are()
    {
        string command = "printf '%s|' \"$@\" \"$PATH\"";
        string path = Environment.GetEnvironmentVariable("PATH")!;
        Assert.Equal($"a b||ü*|{path}|", Output([], "sh", "-c", command, "sh", "a b", "", "ü*"));
    }

    [Fact]
    public void The_host_name_is_its_own_when_given()
    {
        string outside = File.ReadAllText("/proc/sys/kernel/hostname").Trim();
        Assert.Equal("wéb", Succeeded(Shell.Run([.. CommandLine("wéb", [], "uname", "-n")])));
        Assert.Equal(outside, Output([], "uname", "-n"));
        Assert.Equal(outside, File.ReadAllText("/proc/sys/kernel/hostname").Trim());
    }

    [Fact]
    public void A_bind_target_that_is_not_there_is_named()
    {
        string source = Write("source", "");
        string target = "/etc/not.there";
        Refused($"mount --bind {source} on {target}: ENOENT (there is no {target})", Run([(source, target)], "true"));
    }

    [Fact]
    public void A_bind_target_that_leads_nowhere_is_named()
    {
        string source = Write("source", "");
        string link = Path.Combine(_directory.FullName, "link");
        string gone = Path.Combine(_directory.FullName, "gone");
        File.CreateSymbolicLink(link, gone);
        Refused($"mount --bind {source} on {gone}: ENOENT (there is no {gone})", Run([(source, link)], "true"));
    }

    [Fact]
    public void A_bind_target_that_leads_back_to_itself_is_named()
    {
        string source = Write("source", "");
        string link = Path.Combine(_directory.FullName, "link");
        File.CreateSymbolicLink(link, link);
        Refused($"mount --bind {source} on {link}: ELOOP", Run([(source, link)], "true"));
    }

    [Fact]
    public void A_bind_source_that_is_not_there_is_named()
    {
        Refused("mount --bind /not.there on /etc/hosts: ENOENT (there is no /not.there)", Run([("/not.there", "/etc/hosts")], "true"));
    }

    [Fact]
    public void A_program_that_is_not_there_is_named()
    {
        Refused("execve not.there: ENOENT (it is in no directory of PATH)", Run([], "not.there"));
        Refused("execve /bin/not.there: ENOENT", Run([], "/bin/not.there"));
    }

    [Fact]
    public void A_file_that_is_not_executable_is_named()
    {
        string plain = Write("plain", "#!/bin/sh");
        Refused($"execve {plain}: EACCES", Run([], plain));
        Refused($"execve {_directory.FullName}: EACCES", Run([], _directory.FullName));
        string unknown = Write("unknown", "no format that the kernel knows");
        File.SetUnixFileMode(unknown, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        Refused($"execve {unknown}: ENOEXEC", Run([], unknown));
    }

    [Fact]
    public void A_namespace_that_is_not_there_is_named()
    {
        string path = Path.Combine(_directory.FullName, "netns");
        Refused($"open {path}: ENOENT", Shell.Run(Environment.ProcessPath!, Program.SandboxMode, path, "", "--", "true"));
    }

    private static string Outside(string path) => string.Create(CultureInfo.InvariantCulture, $"/proc/{Environment.ProcessId}/root{path}");

    private static void Refused(string message, (int ExitCode, string Output, string Error) result)
    {
        Assert.Equal(message, result.Error);
        Assert.Equal(Program.NotExecuted, result.ExitCode);
        Assert.Equal("", result.Output);
    }

    private static string Succeeded((int ExitCode, string Output, string Error) result)
    {
        Assert.Equal("", result.Error);
        Assert.Equal(0, result.ExitCode);
        return result.Output;
    }

    private string Write(string name, string line)
    {
        string path = Path.Combine(_directory.FullName, name);
        File.WriteAllText(path, line + "\n");
        return path;
    }

    private string Output((string Source, string Target)[] mounts, params string[] program) => Succeeded(Run(mounts, program));

    private (int ExitCode, string Output, string Error) Run((string Source, string Target)[] mounts, params string[] program) =>
        Shell.Run([.. CommandLine("", mounts, program)]);

    private IEnumerable<string> CommandLine(string hostname, (string Source, string Target)[] mounts, params string[] program)
    {
        nint netns = _netns.Handle.DangerousGetHandle();
        string netnsPath = string.Create(CultureInfo.InvariantCulture, $"/proc/{Environment.ProcessId}/fd/{netns}");
        IEnumerable<string> pairs = mounts.Select(mount => $"{mount.Source}:{mount.Target}");
        return [Environment.ProcessPath!, Program.SandboxMode, netnsPath, hostname, .. pairs, "--", .. program];
    }
}
