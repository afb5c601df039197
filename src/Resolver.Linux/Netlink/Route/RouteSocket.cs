// SPDX-License-Identifier: Apache-2.0

using System.Net;
using System.Net.Sockets;
using Resolver.Linux.Interop;
using Resolver.Linux.Namespaces;

namespace Resolver.Linux.Netlink.Route;

/// <summary>
/// A rtnetlink(7) socket of one namespace: every request is acknowledged, every refusal is a <see cref="KernelException"/> that names the
/// operation, the object, the errno and the kernel's sentence. Strict checking and extended acks are on. Thread-safe (one request at a time).
/// </summary>
public sealed partial class RouteSocket : IDisposable
{
    private readonly NetlinkSocket _socket;
    private readonly Lock _lock = new();

    private RouteSocket(NetlinkSocket socket)
    {
        _socket = socket;
    }

    /// <summary>Opens a socket in the calling thread's namespace.</summary>
    public static RouteSocket Open() => new(new NetlinkSocket(Libc.NETLINK_ROUTE));

    /// <summary>Opens a socket in <paramref name="netns"/> by a short thread of its own.</summary>
    public static RouteSocket Open(NetworkNamespace netns) => NamespaceThread.Run(netns, Open);

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private static byte FamilyOf(IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetwork ? KernelFamily.IPv4 : KernelFamily.IPv6;

    private void Execute(NetlinkWriter request, string subject)
    {
        lock (_lock)
        {
            _socket.Execute(request, subject);
        }
    }

    private List<T> Dump<T>(NetlinkWriter request, string subject, MessageParser<T?> parse)
        where T : class
    {
        lock (_lock)
        {
            return _socket.Dump(request, subject, parse);
        }
    }
}
