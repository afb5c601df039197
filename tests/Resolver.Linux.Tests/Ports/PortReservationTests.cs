// SPDX-License-Identifier: Apache-2.0

using System.Net;
using System.Net.Sockets;
using Resolver.Linux.Namespaces;
using Resolver.Linux.Sockets;
using Xunit;

namespace Resolver.Linux.Tests.Ports;

/// <summary>Blocks of ports that are held: by several threads where they are many, and by one socket for both families.</summary>
[Collection(ForkFreeCollection.Name)]
public sealed class PortReservationTests : IDisposable
{
    private const int Many = 1000;
    private const ushort First = 20000;

    private static readonly PortBlock OfBoth = new(IPAddress.IPv6Any, First, 1, ProtocolType.Tcp) { IsOfBothFamilies = true };

    private readonly NetworkNamespace _netns = NetworkNamespace.Create();

    public PortReservationTests()
    {
        _ = Shell.In(_netns, "ip", "link", "set", "lo", "up");
    }

    public static TheoryData<ProtocolType> Protocols => [ProtocolType.Tcp, ProtocolType.Udp];

    public void Dispose() => _netns.Dispose();

    [Theory]
    [MemberData(nameof(Protocols))]
    public void All_ports_of_a_long_block_are_held_and_given_back_at_once(ProtocolType protocol)
    {
        PortBlock block = new(IPAddress.Any, First, Many, protocol);
        for (int round = 0; round < 3; round++)
        {
            using PortReservation held = Bind(block);
            Assert.Equal(block, held.Block);
            Assert.All(Enumerable.Range(0, Many), index => Assert.False(CanBind(IPAddress.Any, First + index, protocol)));
        }

        Assert.True(CanBind(IPAddress.Any, First + Many - 1, protocol));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(Many - 1)]
    public void Where_one_port_is_taken_it_is_named_and_none_is_held(int index)
    {
        using PortReservation other = Bind(new PortBlock(IPAddress.Loopback, (ushort)(First + index), 1, ProtocolType.Tcp));
        KernelException taken = Assert.Throws<KernelException>(() => Bind(new PortBlock(IPAddress.Any, First, Many, ProtocolType.Tcp)));
        Assert.Equal((Errno.EADDRINUSE, $"0.0.0.0:{First + index}/tcp"), (taken.Errno, taken.Subject));
        Assert.All(Enumerable.Range(0, Many).Where(i => i != index), i => Assert.True(CanBind(IPAddress.Any, First + i, ProtocolType.Tcp)));
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public void One_socket_holds_a_port_of_both_families(ProtocolType protocol)
    {
        using PortReservation held = Bind(OfBoth with { Protocol = protocol });
        Assert.All(
            [IPAddress.Any, IPAddress.Loopback, IPAddress.IPv6Any, IPAddress.IPv6Loopback], address => Assert.False(CanBind(address, First, protocol)));
    }

    [Fact]
    public void A_socket_of_IPv6_alone_leaves_IPv4_to_others_whatever_the_host_prefers()
    {
        using PortReservation held = Bind(OfBoth with { IsOfBothFamilies = false });
        Assert.False(CanBind(IPAddress.IPv6Loopback, First, ProtocolType.Tcp));
        Assert.True(CanBind(IPAddress.Any, First, ProtocolType.Tcp));
        _ = Shell.In(_netns, "sysctl", "-qw", "net.ipv6.bindv6only=1");
        using PortReservation both = Bind(OfBoth with { First = First + 1 });
        Assert.False(CanBind(IPAddress.Any, First + 1, ProtocolType.Tcp));
    }

    [Theory]
    [InlineData(ProtocolType.Tcp, AddressFamily.InterNetwork)]
    [InlineData(ProtocolType.Tcp, AddressFamily.InterNetworkV6)]
    [InlineData(ProtocolType.Udp, AddressFamily.InterNetwork)]
    [InlineData(ProtocolType.Udp, AddressFamily.InterNetworkV6)]
    public void What_is_narrowed_to_a_family_holds_it_against_all_and_leaves_the_other(ProtocolType protocol, AddressFamily family)
    {
        (IPAddress kept, IPAddress left) = family == AddressFamily.InterNetwork ? (IPAddress.Any, IPAddress.IPv6Any) : (IPAddress.IPv6Any, IPAddress.Any);
        using PortReservation both = Bind(OfBoth with { Count = Many, Protocol = protocol });
        if (protocol == ProtocolType.Tcp)
        {
            both.Listen(1);
        }

        using PortReservation narrow = NamespaceThread.Run(_netns, () => both.Narrow(family));
        Assert.All([First, First + Many - 1], port =>
        {
            Assert.False(CanBind(kept, port, protocol));
            Assert.False(CanBind(kept, port, protocol, shares: true));
            Assert.True(CanBind(left, port, protocol));
        });
        narrow.Dispose();
        Assert.True(CanBind(kept, First, protocol));
    }

    [Fact]
    public void A_port_at_which_connections_have_just_ended_is_held_against_those_too_who_would_share_it()
    {
        NamespaceThread.Run(_netns, () =>
        {
            using Socket server = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            server.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            server.Bind(new IPEndPoint(IPAddress.Loopback, First));
            server.Listen();
            using Socket client = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            client.Connect(server.LocalEndPoint!);
            server.Accept().Close();
            Assert.Equal(0, client.Receive(new byte[1]));
        });
        Assert.Contains("TIME-WAIT", Shell.In(_netns, "ss", "-Hnta"), StringComparison.Ordinal);
        using PortReservation held = Bind(new PortBlock(IPAddress.Any, First, 1, ProtocolType.Tcp));
        Assert.False(CanBind(IPAddress.Any, First, ProtocolType.Tcp, shares: true));
        held.Listen(1);
    }

    private PortReservation Bind(PortBlock block) => NamespaceThread.Run(_netns, () => PortReservation.Bind(_netns, block));

    private bool CanBind(IPAddress address, int port, ProtocolType protocol, bool shares = false) => NamespaceThread.Run(_netns, () =>
    {
        using Socket socket = new(address.AddressFamily, protocol == ProtocolType.Udp ? SocketType.Dgram : SocketType.Stream, protocol);
        if (address.AddressFamily == AddressFamily.InterNetworkV6)
        {
            socket.DualMode = false;
        }

        if (shares)
        {
            socket.SetRawSocketOption(1, 2, BitConverter.GetBytes(1)); // SO_REUSEADDR
            socket.SetRawSocketOption(1, 15, BitConverter.GetBytes(1)); // SO_REUSEPORT
        }

        try
        {
            socket.Bind(new IPEndPoint(address, port));
            return true;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            return false;
        }
    });
}
