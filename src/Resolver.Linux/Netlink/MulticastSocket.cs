// SPDX-License-Identifier: Apache-2.0

using Microsoft.Win32.SafeHandles;
using Resolver.Linux.Interop;
using Resolver.Linux.Processes;

namespace Resolver.Linux.Netlink;

/// <summary>What a <see cref="MulticastSocket"/> had to give.</summary>
internal enum Heard
{
    /// <summary>Nothing is left.</summary>
    Nothing,

    /// <summary>A datagram of the kernel's.</summary>
    Datagram,

    /// <summary>More came than the socket could hold: what it was is lost.</summary>
    Lost,
}

/// <summary>A netlink socket that hears what the kernel tells multicast groups in the namespace in which it was opened. One reader at a time.</summary>
internal sealed class MulticastSocket : IDisposable
{
    private const int BufferBytes = 4 * 1024 * 1024; // A thousand links, or a set of thousands of elements, may change at once.

    private readonly SafeFileHandle _handle;
    private readonly string _groups;
    private readonly byte[] _buffer = new byte[64 * 1024]; // More than the kernel puts into one datagram.

    private MulticastSocket(SafeFileHandle handle, string groups)
    {
        _handle = handle;
        _groups = groups;
    }

    /// <summary>Opens one in the calling thread's namespace.</summary>
    /// <param name="protocol">NETLINK_…</param>
    /// <param name="groups">The numbers of the groups, 1 to 32.</param>
    /// <param name="name">What they are called, for messages.</param>
    /// <exception cref="KernelException">Refused.</exception>
    internal static MulticastSocket Open(int protocol, ReadOnlySpan<int> groups, string name)
    {
        Libc.SockaddrNl address = new() { Family = Libc.AF_NETLINK };
        foreach (int group in groups)
        {
            address.Groups |= 1u << (group - 1);
        }

        SafeFileHandle handle = Libc.OpenSocket(Libc.AF_NETLINK, Libc.SOCK_RAW, protocol);
        if (Libc.setsockopt(handle, Libc.SOL_SOCKET, Libc.SO_RCVBUFFORCE, BufferBytes, sizeof(int)) == 0
            && Libc.bind(handle, address, Libc.SockaddrNl.LengthBytes) == 0)
        {
            return new MulticastSocket(handle, name);
        }

        Errno errno = Libc.LastErrno;
        handle.Dispose();
        throw new KernelException("bind", name, errno);
    }

    /// <summary>Waits until there is something to take.</summary>
    internal Task WaitAsync(CancellationToken cancellationToken) => ReadinessThread.Shared.WaitReadableAsync(_handle, cancellationToken);

    /// <summary>Takes what is there, without waiting.</summary>
    /// <param name="datagram">Messages; valid until the next call.</param>
    /// <exception cref="KernelException">The socket failed.</exception>
    internal Heard Take(out ReadOnlySpan<byte> datagram)
    {
        datagram = default;
        while (true)
        {
            int addressLength = Libc.SockaddrNl.LengthBytes;
            nint length = Libc.recvfrom(_handle, _buffer, _buffer.Length, Libc.MSG_DONTWAIT, out Libc.SockaddrNl sender, ref addressLength);
            if (length >= 0)
            {
                // Anyone may send to a netlink port; only port id 0 is the kernel.
                if (sender.PortId == 0)
                {
                    datagram = _buffer.AsSpan(0, (int)length);
                    return Heard.Datagram;
                }

                continue;
            }

            switch (Libc.LastErrno)
            {
                case Errno.EINTR:
                    continue;
                case Errno.EAGAIN:
                    return Heard.Nothing;
                case Errno.ENOBUFS:
                    return Heard.Lost;
                default:
                    throw new KernelException("recvfrom", _groups, Libc.LastErrno);
            }
        }
    }

    public void Dispose() => _handle.Dispose();
}
