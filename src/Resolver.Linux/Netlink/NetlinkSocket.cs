// SPDX-License-Identifier: Apache-2.0

using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Resolver.Linux.Interop;

namespace Resolver.Linux.Netlink;

/// <summary>Reads one message of a dump.</summary>
internal delegate T MessageParser<out T>(in ReceivedMessage message);

/// <summary>
/// A netlink socket of the namespace in which it was opened (netlink(7)). One request at a time; replies are taken only from the kernel
/// (port id 0) and only with the request's sequence number. Not thread-safe.
/// </summary>
internal sealed class NetlinkSocket : IDisposable
{
    private const int MaxDumpAttempts = 10;
    private const int TimeoutSeconds = 10;
    private const MessageFlags AckHasAttributes = MessageFlags.Exclusive; // NLM_F_ACK_TLVS

    private readonly SafeFileHandle _handle;
    // What the kernel puts into one piece of a dump (NLMSG_GOODSIZE), and more than any single answer; grows when one is longer all the same.
    // Each sandbox has such a socket for as long as it lives: 32 KiB each were 32 MiB for a thousand.
    private byte[] _buffer = new byte[4 * 1024];
    private uint _sequence;

    internal NetlinkSocket(int protocol)
    {
        _handle = Libc.OpenSocket(Libc.AF_NETLINK, Libc.SOCK_RAW, protocol);
        try
        {
            // An unacknowledged request would otherwise block its caller for ever.
            Libc.Timeval timeout = new() { Seconds = TimeoutSeconds };
            Check(Libc.setsockopt(_handle, Libc.SOL_SOCKET, Libc.SO_RCVTIMEO, in timeout, Marshal.SizeOf<Libc.Timeval>()), "SO_RCVTIMEO");
            Check(Libc.setsockopt(_handle, Libc.SOL_SOCKET, Libc.SO_SNDTIMEO, in timeout, Marshal.SizeOf<Libc.Timeval>()), "SO_SNDTIMEO");
            Enable(Libc.NETLINK_EXT_ACK, "NETLINK_EXT_ACK");
            Enable(Libc.NETLINK_CAP_ACK, "NETLINK_CAP_ACK");
            Enable(Libc.NETLINK_GET_STRICT_CHK, "NETLINK_GET_STRICT_CHK");
            Check(Libc.bind(_handle, new Libc.SockaddrNl { Family = Libc.AF_NETLINK }, Libc.SockaddrNl.LengthBytes), "bind");
        }
        catch
        {
            _handle.Dispose();
            throw;
        }
    }

    /// <summary>Sends a request and waits for its acknowledgement.</summary>
    /// <exception cref="KernelException">Refused, or no answer in time (ETIMEDOUT).</exception>
    internal void Execute(NetlinkWriter request, string subject) => Execute<bool>(request, subject, null, out _);

    /// <summary>Sends a request that is answered by one message and an acknowledgement.</summary>
    /// <param name="request">The request.</param>
    /// <param name="subject">What it is about, for messages.</param>
    /// <param name="parse">Reads the answer; null when only the acknowledgement is awaited.</param>
    /// <param name="answer">What was read.</param>
    /// <param name="absence">The refusal that is an answer too: there is no such object. Told without an exception, which costs as much as the request.</param>
    /// <returns>False when only the acknowledgement came, or <paramref name="absence"/>.</returns>
    internal bool Execute<T>(
        NetlinkWriter request, string subject, MessageParser<T>? parse, out T? answer, Errno? absence = null)
    {
        uint sequence = Send(request, subject);
        answer = default;
        bool answered = false;
        while (true)
        {
            MessageReader reader = new(Receive(request, subject));
            while (reader.TryRead(out ReceivedMessage message))
            {
                if (message.Sequence != sequence)
                {
                    continue;
                }

                if (message.Type == MessageType.Error)
                {
                    if (absence is not { } absent || ErrnoOf(message) != absent)
                    {
                        ThrowIfRefused(message, request, subject);
                    }

                    return answered;
                }

                if (parse is not null)
                {
                    answer = parse(in message);
                    answered = true;
                }
            }
        }
    }

    /// <summary>Sends a dump request and collects its messages; repeats it when the kernel says that the table changed meanwhile (NLM_F_DUMP_INTR).</summary>
    /// <exception cref="KernelException">Refused, or interrupted ten times in a row (EINTR).</exception>
    internal List<T> Dump<T>(NetlinkWriter request, string subject, MessageParser<T?> parse)
        where T : class
    {
        for (int attempt = 0; attempt < MaxDumpAttempts; attempt++)
        {
            if (TryDump(request, subject, parse) is { } found)
            {
                return found;
            }
        }

        throw new KernelException(KernelNames.Of(request.Type), subject, Errno.EINTR, $"the table changed during each of {MaxDumpAttempts} dumps");
    }

    public void Dispose() => _handle.Dispose();

    private List<T>? TryDump<T>(NetlinkWriter request, string subject, MessageParser<T?> parse)
        where T : class
    {
        uint sequence = Send(request, subject);
        List<T> found = [];
        bool interrupted = false;
        while (true)
        {
            MessageReader reader = new(Receive(request, subject));
            while (reader.TryRead(out ReceivedMessage message))
            {
                if (message.Sequence != sequence)
                {
                    continue;
                }

                interrupted |= message.Flags.HasFlag(MessageFlags.DumpInterrupted);
                if (message.Type is MessageType.Error or MessageType.Done)
                {
                    ThrowIfRefused(message, request, subject);
                    return interrupted ? null : found;
                }

                if (parse(in message) is { } item)
                {
                    found.Add(item);
                }
            }
        }
    }

    private uint Send(NetlinkWriter request, string subject)
    {
        uint sequence = ++_sequence;
        ReadOnlySpan<byte> message = request.Finish(sequence);
        Libc.SockaddrNl kernel = new() { Family = Libc.AF_NETLINK };
        while (Libc.sendto(_handle, message, message.Length, 0, in kernel, Libc.SockaddrNl.LengthBytes) < 0)
        {
            if (Libc.LastErrno is not Errno.EINTR)
            {
                throw new KernelException(KernelNames.Of(request.Type), subject, Libc.LastErrno);
            }
        }

        return sequence;
    }

    private ReadOnlySpan<byte> Receive(NetlinkWriter request, string subject)
    {
        while (true)
        {
            int addressLength = Libc.SockaddrNl.LengthBytes;
            nint length = Libc.recvfrom(_handle, _buffer, _buffer.Length, Libc.MSG_PEEK | Libc.MSG_TRUNC, out Libc.SockaddrNl sender, ref addressLength);
            if (length > _buffer.Length)
            {
                _buffer = new byte[(int)length];
            }

            if (length >= 0)
            {
                length = Libc.recvfrom(_handle, _buffer, _buffer.Length, 0, out sender, ref addressLength);
            }

            if (length < 0)
            {
                Errno errno = Libc.LastErrno;
                if (errno is Errno.EINTR)
                {
                    continue;
                }

                throw new KernelException(KernelNames.Of(request.Type), subject, errno is Errno.EAGAIN ? Errno.ETIMEDOUT : errno);
            }

            // Anyone may send to a netlink port; only port id 0 is the kernel.
            if (sender.PortId == 0)
            {
                return _buffer.AsSpan(0, (int)length);
            }
        }
    }

    // struct nlmsgerr: int error; struct nlmsghdr msg; then (NLM_F_ACK_TLVS) attributes. Without NLM_F_CAPPED the request's payload is
    // repeated in between. NLMSG_DONE carries the error alone.
    private static void ThrowIfRefused(in ReceivedMessage message, NetlinkWriter request, string subject)
    {
        Errno errno = ErrnoOf(message);
        if (errno == 0)
        {
            return;
        }

        ReadOnlySpan<byte> attributes = [];
        if (message.Flags.HasFlag(AckHasAttributes))
        {
            int offset = 4;
            if (message.Type == MessageType.Error)
            {
                int repeated = MemoryMarshal.Read<int>(message.Payload[4..]);
                offset += message.Flags.HasFlag(MessageFlags.Replace /* here NLM_F_CAPPED */) ? NetlinkWriter.HeaderLengthBytes : (repeated + 3) & ~3;
            }

            attributes = message.Payload[Math.Min(offset, message.Payload.Length)..];
        }

        string? text = null;
        AttributeReader reader = new(attributes);
        while (reader.TryRead())
        {
            text = reader.Type == (ushort)AckAttribute.Message ? reader.Text() : text;
        }

        throw new KernelException(KernelNames.Of(request.Type), subject, errno, text);
    }

    private static Errno ErrnoOf(in ReceivedMessage message) =>
        message.Payload.Length >= 4 ? (Errno)(-MemoryMarshal.Read<int>(message.Payload)) : 0;

    private void Enable(int option, string name)
    {
        int one = 1;
        Check(Libc.setsockopt(_handle, Libc.SOL_NETLINK, option, in one, sizeof(int)), name);
    }

    private static void Check(int result, string name)
    {
        if (result != 0)
        {
            throw new KernelException(name, "netlink socket", Libc.LastErrno);
        }
    }
}
