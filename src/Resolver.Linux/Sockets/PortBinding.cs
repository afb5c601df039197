// SPDX-License-Identifier: Apache-2.0

using System.Buffers.Binary;
using System.Net.Sockets;
using Resolver.Linux.Datagrams;
using Resolver.Linux.Interop;

namespace Resolver.Linux.Sockets;

/// <summary>The sockets of a block of ports while they are opened and bound, by several threads at once if they are many. No call is made that is not needed.</summary>
internal sealed class PortBinding
{
    private readonly Lock _gate = new();
    private readonly int _family;
    private readonly int _type;
    private int _failedAt = int.MaxValue;

    internal PortBinding(PortBlock block)
    {
        Block = block;
        FirstPort = block.First;
        Sockets = new int[block.Count];
        _family = block.Address.AddressFamily == AddressFamily.InterNetworkV6 ? Libc.AF_INET6 : Libc.AF_INET;
        _type = (block.Protocol == ProtocolType.Udp ? Libc.SOCK_DGRAM : Libc.SOCK_STREAM) | Libc.SOCK_CLOEXEC | Libc.SOCK_NONBLOCK;
    }

    internal PortBlock Block { get; }

    /// <summary>True if the ports are held already, by sockets that let these in.</summary>
    internal bool IsShared { get; init; }

    /// <summary>The sockets; 0 where there is none (yet).</summary>
    internal int[] Sockets { get; }

    /// <summary>The lowest port, which the kernel may have chosen.</summary>
    internal ushort FirstPort { get; private set; }

    /// <summary>What was refused at the lowest port that was refused; null if nothing was. Words for it may need a descriptor, so they come later.</summary>
    internal (string Operation, int Index, Errno Errno)? Refusal { get; private set; }

    /// <summary>Binds a share in the calling thread's namespace, up to what is refused.</summary>
    internal void Run(int first, int end)
    {
        Span<byte> address = stackalloc byte[PeerAddress.MaxLengthBytes];
        address = address[..PeerAddress.Write(PeerAddress.Of(new System.Net.IPEndPoint(Block.Address, Block.First)), address)];

        // Whether a socket is of both families without being told so is for net.ipv6.bindv6only to say, and the first one tells.
        bool mustChoose = _family == Libc.AF_INET6;
        for (int index = first; index < end && index < Volatile.Read(ref _failedAt); index++)
        {
            BinaryPrimitives.WriteUInt16BigEndian(address[2..], (ushort)(Block.First + index));
            if (!TryBind(index, address, ref mustChoose, out string operation))
            {
                Fail(operation, index);
                return;
            }
        }
    }

    private bool TryBind(int index, Span<byte> address, ref bool mustChoose, out string operation)
    {
        operation = "socket";
        int socket = Libc.socket(_family, _type, (int)Block.Protocol);
        if (socket < 0)
        {
            return false;
        }

        Sockets[index] = socket;
        operation = "setsockopt";

        if (mustChoose && !TryChooseFamilies(socket, out mustChoose))
        {
            return false;
        }

        if (IsShared && !TrySet(socket, Libc.SOL_SOCKET, Libc.SO_REUSEPORT, 1))
        {
            return false;
        }

        operation = "bind";
        if (Libc.bind(socket, address, address.Length) != 0 && !TryBindBesideEnded(socket, address))
        {
            return false;
        }

        // Without SO_REUSEADDR nobody else can bind the port, whatever they set themselves. The socket does not listen, so that a connection that meets
        // no rule is refused instead of being accepted and left hanging.
        return Block.First != 0 || TryReadPort(socket, address, out operation);
    }

    private bool TryChooseFamilies(int socket, out bool mustChoose)
    {
        int wanted = Block.IsOfBothFamilies ? 0 : 1;
        int length = sizeof(int);
        mustChoose = Libc.getsockopt(socket, Libc.IPPROTO_IPV6, Libc.IPV6_V6ONLY, out int found, ref length) != 0 || found != wanted;
        return !mustChoose || TrySet(socket, Libc.IPPROTO_IPV6, Libc.IPV6_V6ONLY, wanted);
    }

    // Perhaps there are only connections that have ended and wait out the time that stray packets live. While it is bound that way others could bind the
    // port that way as well.
    private bool TryBindBesideEnded(int socket, ReadOnlySpan<byte> address)
    {
        if (Libc.LastErrno != Errno.EADDRINUSE || Block.Protocol != ProtocolType.Tcp)
        {
            return false;
        }

        return TrySet(socket, Libc.SOL_SOCKET, Libc.SO_REUSEADDR, 1)
            && Libc.bind(socket, address, address.Length) == 0
            && TrySet(socket, Libc.SOL_SOCKET, Libc.SO_REUSEADDR, 0);
    }

    private bool TryReadPort(int socket, Span<byte> address, out string operation)
    {
        operation = "getsockname";
        int length = address.Length;
        if (Libc.getsockname(socket, address, ref length) != 0)
        {
            return false;
        }

        FirstPort = BinaryPrimitives.ReadUInt16BigEndian(address[2..]);
        return true;
    }

    private void Fail(string operation, int index)
    {
        Errno errno = Libc.LastErrno;
        lock (_gate)
        {
            if (index < _failedAt)
            {
                Volatile.Write(ref _failedAt, index);
                Refusal = (operation, index, errno);
            }
        }
    }

    private static bool TrySet(int socket, int level, int option, int value) => Libc.setsockopt(socket, level, option, in value, sizeof(int)) == 0;
}
