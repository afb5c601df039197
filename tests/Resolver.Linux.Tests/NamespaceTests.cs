// SPDX-License-Identifier: Apache-2.0

using System.Globalization;
using Resolver.Linux.Namespaces;
using Resolver.Linux.Nftables;
using Resolver.Linux.Sockets;
using Resolver.Linux.Sysctls;
using Xunit;

namespace Resolver.Linux.Tests;

public sealed class NamespaceTests
{
    [Fact]
    public void A_fresh_namespace_has_loopback_alone_and_it_is_down()
    {
        using NetworkNamespace netns = NetworkNamespace.Create();
        string links = Shell.In(netns, "ip", "-br", "link");
        Assert.StartsWith("lo ", links, StringComparison.Ordinal);
        Assert.DoesNotContain("eth", links, StringComparison.Ordinal);
        using NetworkNamespace current = NetworkNamespace.OpenCurrent();
        Assert.NotEqual(current.Inode, netns.Inode);
    }

    [Fact]
    public void A_file_that_is_no_namespace_is_refused_by_name()
    {
        KernelException plain = Assert.Throws<KernelException>(() => NetworkNamespace.Open("/etc/hostname"));
        Assert.Equal("open /etc/hostname: EINVAL (the file is no namespace; a network namespace is needed)", plain.Message);
        KernelException other = Assert.Throws<KernelException>(() => NetworkNamespace.Open("/proc/self/ns/mnt"));
        Assert.Contains("of another kind", other.Message, StringComparison.Ordinal);
        Assert.Equal(Errno.ENOENT, Assert.Throws<KernelException>(() => NetworkNamespace.Open("/run/netns/nothere")).Errno);
    }

    [Fact]
    public void An_exception_inside_comes_out_as_it_is()
    {
        using NetworkNamespace netns = NetworkNamespace.Create();
        Action body = () => throw new InsideException();
        Assert.Throws<InsideException>(() => NamespaceThread.Run(netns, body));
    }

    [Fact]
    public void No_thread_is_inside_when_the_caller_goes_on()
    {
        using NetworkNamespace netns = NetworkNamespace.Create();
        Action failing = () => throw new InsideException();
        for (int time = 0; time < 20; time++)
        {
            Parallel.For(0, 8, number =>
            {
                Assert.Equal(netns.Inode, NamespaceThread.Run(netns, () => InodeOf("/proc/thread-self/ns/net")));
                if (number % 2 == 0)
                {
                    Assert.Throws<InsideException>(() => NamespaceThread.Run(netns, failing));
                }
            });
            Assert.DoesNotContain(netns.Inode, Directory.EnumerateDirectories("/proc/self/task").Select(task => InodeOf($"{task}/ns/net")));
        }
    }

    // 0 for a thread that has ended meanwhile.
    private static ulong InodeOf(string path)
    {
        try
        {
            return File.ResolveLinkTarget(path, returnFinalTarget: false) is { Name: { } name } && name.StartsWith("net:[", StringComparison.Ordinal)
                ? ulong.Parse(name[5..^1], CultureInfo.InvariantCulture)
                : 0;
        }
        catch (IOException)
        {
            return 0;
        }
    }

    [Fact]
    public void Sysctls_are_those_of_the_namespace()
    {
        using NetworkNamespace netns = NetworkNamespace.Create();
        string? before = Sysctl.Read("net.ipv4.ip_forward");
        NamespaceThread.Run(netns, () =>
        {
            Assert.True(Sysctl.Write("net.ipv4.ip_forward", "1"));
            Assert.False(Sysctl.Write("net.ipv4.ip_forward", "1"));
            Assert.Equal("1", Sysctl.Read("net.ipv4.ip_forward"));
            Assert.Null(Sysctl.Read("net.ipv4.nothere"));
            Assert.Throws<KernelException>(() => Sysctl.Write("net.ipv4.nothere", "1"));
        });
        Assert.Equal(before, Sysctl.Read("net.ipv4.ip_forward"));
    }

    [Fact]
    public void A_batch_with_a_bad_line_changes_nothing()
    {
        using NetworkNamespace netns = NetworkNamespace.Create();
        using NftablesContext nft = NamespaceThread.Run(netns, () => new NftablesContext());
        Assert.Empty(nft.Run("add table inet t"));
        string before = nft.Run("list ruleset");
        Assert.Contains("table inet t", before, StringComparison.Ordinal);
        KernelException refused = Assert.Throws<KernelException>(
            () => nft.Run("add set inet t s { type ipv4_addr; }\nadd element inet nothere s { 1.2.3.4 }"));
        Assert.Equal(Errno.ENOENT, refused.Errno);
        Assert.Equal(before, nft.Run("list ruleset"));
        Assert.StartsWith("{\"nftables\":", nft.RunJson("list ruleset"), StringComparison.Ordinal);
        Assert.Equal(before, Shell.In(netns, "nft", "list", "ruleset") + "\n");
    }

    [Fact]
    public void A_reserved_port_can_be_taken_by_nobody()
    {
        using NetworkNamespace netns = NetworkNamespace.Create();
        _ = Shell.In(netns, "ip", "link", "set", "lo", "up");
        NamespaceThread.Run(netns, () =>
        {
            foreach (System.Net.Sockets.ProtocolType protocol in new[] { System.Net.Sockets.ProtocolType.Tcp, System.Net.Sockets.ProtocolType.Udp })
            {
                System.Net.IPEndPoint endpoint = new(System.Net.IPAddress.Any, 8080);
                using PortReservation first = PortReservation.Bind(endpoint, protocol);
                KernelException taken = Assert.Throws<KernelException>(() => PortReservation.Bind(endpoint, protocol));
                Assert.Equal(Errno.EADDRINUSE, taken.Errno);
                Assert.StartsWith("bind 0.0.0.0:8080/", taken.Message, StringComparison.Ordinal);
            }

            PortReservation.Bind(new System.Net.IPEndPoint(System.Net.IPAddress.Any, 8080), System.Net.Sockets.ProtocolType.Tcp).Dispose();
        });
    }

    private sealed class InsideException : Exception;
}
