// SPDX-License-Identifier: Apache-2.0

using System.Diagnostics;
using System.Globalization;
using Resolver.Linux.Namespaces;
using Resolver.Linux.Tests.Mounts;
using Xunit;

namespace Resolver.Linux.Tests;

public sealed class PinTests
{
    private const string Directory = "/run/netns";
    private const string Web = Directory + "/web";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    [Fact]
    public void A_pinned_namespace_outlives_its_handle_and_ip_netns_finds_it()
    {
        InDirectory(() =>
        {
            ulong inode = PinFresh(Web);
            using NetworkNamespace again = NetworkNamespace.Open(Web);
            Assert.Equal(inode, again.Inode);
            Assert.Equal("web", Ok("ip", "netns", "list"));
            Assert.Equal($"net:[{inode}]", Ok("ip", "netns", "exec", "web", "readlink", "/proc/self/ns/net"));
        });
    }

    [Fact]
    public void Without_its_pin_a_namespace_ends()
    {
        InDirectory(() =>
        {
            using NetworkNamespace witness = NetworkNamespace.Create();
            PinWithLinkTo(witness, Web);
            Assert.True(HasLink(witness));
            NetworkNamespace.Unpin(Web);
            Assert.False(File.Exists(Web));
            Assert.Empty(PrivateMounts.At(Web));
            Assert.True(SpinWait.SpinUntil(() => !HasLink(witness), Patience));
        });
    }

    [Fact]
    public void A_file_that_is_there_already_is_refused_and_stays()
    {
        InDirectory(() =>
        {
            File.WriteAllText(Web, "somebody's");
            using NetworkNamespace netns = NetworkNamespace.Create();
            Assert.Equal($"open {Web}: EEXIST", Assert.Throws<KernelException>(() => netns.Pin(Web)).Message);
            Assert.Equal("somebody's", File.ReadAllText(Web));
        });
    }

    [Fact]
    public void A_directory_that_is_not_there_is_named()
    {
        PrivateMounts.Run(() =>
        {
            using NetworkNamespace netns = NetworkNamespace.Create();
            Assert.Equal($"open {Directory}: ENOENT", Assert.Throws<KernelException>(() => netns.Pin(Web)).Message);
        });
    }

    [Fact]
    public void A_pin_that_can_not_be_mounted_leaves_no_file()
    {
        InDirectory(() =>
        {
            using NetworkNamespace netns = NetworkNamespace.Create();
            PrivateMounts.MountTmpfs("/proc"); // The namespace is mounted from there.
            Assert.Equal($"mount {Web}: ENOENT", Assert.Throws<KernelException>(() => netns.Pin(Web)).Message);
            Assert.False(File.Exists(Web));
        });
    }

    [Fact]
    public void Unpinning_accepts_what_is_half_gone_or_gone()
    {
        InDirectory(() =>
        {
            _ = PinFresh(Web);
            _ = Ok("umount", Web);
            NetworkNamespace.Unpin(Web);
            Assert.False(File.Exists(Web));
            NetworkNamespace.Unpin(Web);
        });
    }

    [Fact]
    public void What_can_not_be_removed_is_named()
    {
        InDirectory(() =>
        {
            System.IO.Directory.CreateDirectory(Web);
            KernelException refused = Assert.Throws<KernelException>(() => NetworkNamespace.Unpin(Web));
            Assert.StartsWith($"unlink {Web}: ", refused.Message, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void The_directory_becomes_one_shared_mount_and_the_mount_around_it_stays_private()
    {
        InDirectory(() =>
        {
            _ = PinFresh(Web);
            _ = PinFresh(Directory + "/db");
            Assert.StartsWith("shared:", Assert.Single(PrivateMounts.At(Directory)), StringComparison.Ordinal);
            Assert.Equal("", Assert.Single(PrivateMounts.At("/run")));
        });
    }

    [Fact]
    public void A_mount_point_such_as_run_is_neither_shared_nor_bound_again()
    {
        InDirectory(() =>
        {
            PrivateMounts.MountTmpfs(Directory);
            string[] outer = PrivateMounts.At("/run");
            ulong inode = PinFresh("/run/web");
            Assert.Equal(outer, PrivateMounts.At("/run"));
            Assert.Equal("", Assert.Single(PrivateMounts.At("/run")));
            Assert.Equal("", Assert.Single(PrivateMounts.At(Directory)));
            using NetworkNamespace again = NetworkNamespace.Open("/run/web");
            Assert.Equal(inode, again.Inode);
        });
    }

    [Fact]
    public void A_mount_namespace_that_exists_already_sees_pins_come_and_go()
    {
        InDirectory(() =>
        {
            _ = PinFresh(Web);
            string late = Directory + "/late";
            InCopyOfMounts(copy =>
            {
                Assert.Single(PrivateMounts.At(Web, copy));
                _ = PinFresh(late);
                Assert.Single(PrivateMounts.At(late, copy));
                NetworkNamespace.Unpin(late);
                NetworkNamespace.Unpin(Web);
                Assert.Empty(PrivateMounts.At(late, copy));
                Assert.Empty(PrivateMounts.At(Web, copy));
            });
        });
    }

    [Fact]
    public void Where_nothing_is_shared_no_other_mount_namespace_keeps_a_namespace_alive()
    {
        InDirectory(() =>
        {
            PrivateMounts.MountTmpfs(Directory);
            using NetworkNamespace witness = NetworkNamespace.Create();
            PinWithLinkTo(witness, Web);
            InCopyOfMounts(copy =>
            {
                Assert.Single(PrivateMounts.At(Web, copy));
                NetworkNamespace.Unpin(Web);
                Assert.Empty(PrivateMounts.At(Web, copy));
                Assert.True(SpinWait.SpinUntil(() => !HasLink(witness), Patience));
            });
        });
    }

    private static void InDirectory(Action test)
    {
        PrivateMounts.Run(() =>
        {
            System.IO.Directory.CreateDirectory(Directory);
            test();
        });
    }

    // A process whose mount namespace is a copy of this thread's; cat answers as soon as it lives there, and ends with its input.
    private static void InCopyOfMounts(Action<string> test)
    {
        ProcessStartInfo start = new("unshare", ["--mount", "--propagation", "unchanged", "cat"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using Process copy = Process.Start(start)!;
        try
        {
            copy.StandardInput.WriteLine("ready");
            copy.StandardInput.Flush();
            Assert.Equal("ready", copy.StandardOutput.ReadLine());
            test(copy.Id.ToString(CultureInfo.InvariantCulture));
        }
        finally
        {
            copy.StandardInput.Close();
            copy.WaitForExit();
        }
    }

    private static ulong PinFresh(string path)
    {
        using NetworkNamespace netns = NetworkNamespace.Create();
        netns.Pin(path);
        return netns.Inode;
    }

    // The kernel removes the witness's end of the pair when the pinned namespace ends.
    private static void PinWithLinkTo(NetworkNamespace witness, string path)
    {
        _ = PinFresh(path);
        _ = Shell.In(witness, "ip", "link", "add", "pair0", "type", "veth", "peer", "name", "pair1", "netns", path);
    }

    private static bool HasLink(NetworkNamespace witness) =>
        Shell.In(witness, "ip", "-br", "link").Contains("pair0", StringComparison.Ordinal);

    private static string Ok(params string[] command)
    {
        (int exitCode, string output, string error) = Shell.Run(command);
        Assert.True(exitCode == 0, error);
        return output;
    }
}
