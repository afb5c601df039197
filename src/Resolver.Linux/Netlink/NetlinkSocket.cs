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
    private const int UsualSendBytes = 64 * 1024; // Less than any kernel's net.core.wmem_default, overhead included.
    private const int TimeoutSeconds = 10;
    private const int ReceivedBytes = 32 * 1024; // Where the kernel stops to make its pieces larger (net/netlink/af_netlink.c, netlink_dump).
    private const MessageFlags AckHasAttributes = MessageFlags.Exclusive; // NLM_F_ACK_TLVS

    private readonly SafeFileHandle _handle;

    // As much as the kernel puts into one piece of a dump, and more than any single answer. One for each thread: each sandbox has such a socket
    // for as long as it lives, and 32 KiB each were 32 MiB for a thousand.
    [ThreadStatic]
    private static byte[]? _received;

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

    /// <summary>The kernel's number for this socket (nl_pid), which it also puts into the messages by which others hear of what was asked here.</summary>
    internal uint PortId()
    {
        Span<byte> address = stackalloc byte[Libc.SockaddrNl.LengthBytes];
        int length = address.Length;
        Check(Libc.getsockname(_handle, address, ref length), "getsockname");
        return MemoryMarshal.Read<Libc.SockaddrNl>(address).PortId;
    }

    /// <summary>Sends a request and waits for its acknowledgement.</summary>
    /// <exception cref="KernelException">Refused, or no answer in time (ETIMEDOUT).</exception>
    internal void Execute(NetlinkWriter request, string subject) => Execute<bool>(request, subject, null, out _);

    /// <summary>Sends a request and waits for its acknowledgement.</summary>
    /// <param name="request">The request.</param>
    /// <param name="subject">What it is about, for messages.</param>
    /// <param name="absence">The refusal that is an answer too: there is no such object. Told without an exception, which costs as much as the request.</param>
    /// <returns>False for <paramref name="absence"/>.</returns>
    internal bool TryExecute(NetlinkWriter request, string subject, Errno absence)
    {
        _ = Execute<bool>(request, subject, null, out _, out bool isAbsent, absence);
        return !isAbsent;
    }

    /// <summary>Sends a request that is answered by one message, or by an acknowledgement.</summary>
    /// <param name="request">The request; if it asks for an acknowledgement, nothing else is waited for.</param>
    /// <param name="subject">What it is about, for messages.</param>
    /// <param name="parse">Reads the answer; null when only the acknowledgement is awaited.</param>
    /// <param name="answer">What was read.</param>
    /// <param name="absence">The refusal that is an answer too: there is no such object. Told without an exception, which costs as much as the request.</param>
    /// <returns>False when only the acknowledgement came, or <paramref name="absence"/>.</returns>
    internal bool Execute<T>(NetlinkWriter request, string subject, MessageParser<T>? parse, out T? answer, Errno? absence = null) =>
        Execute(request, subject, parse, out answer, out _, absence);

    private bool Execute<T>(NetlinkWriter request, string subject, MessageParser<T>? parse, out T? answer, out bool isAbsent, Errno? absence)
    {
        uint sequence = Send(request, subject);
        answer = default;
        isAbsent = false;
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
                    isAbsent = absence is { } absent && ErrnoOf(message) == absent;
                    if (!isAbsent)
                    {
                        ThrowIfRefused(message, request, subject);
                    }

                    return false;
                }

                if (parse is not null)
                {
                    answer = parse(in message);
                    return true;
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

    /// <summary>Sends messages that the kernel takes as one transaction (nfnetlink). What it has to say is there when the call returns.</summary>
    /// <exception cref="KernelException">The first of them that was refused.</exception>
    internal void ExecuteBatch(IReadOnlyList<NetlinkWriter> messages, string subject)
    {
        uint first = _sequence + 1;
        NetlinkWriter last = messages[^2]; // The one before the end of the transaction.
        byte[] octets = new byte[messages.Sum(message => message.LengthBytes)];
        int length = 0;
        foreach (NetlinkWriter message in messages)
        {
            ReadOnlySpan<byte> finished = message.Finish(++_sequence, message == last ? MessageFlags.Ack : MessageFlags.None);
            finished.CopyTo(octets.AsSpan(length));
            length += finished.Length;
        }

        if (length > UsualSendBytes)
        {
            Check(Libc.setsockopt(_handle, Libc.SOL_SOCKET, Libc.SO_SNDBUFFORCE, 2 * length, sizeof(int)), "SO_SNDBUFFORCE");
        }

        Send(octets, last, subject);
        bool isAcknowledged = false;
        while (TryReceive(last, subject, Libc.MSG_DONTWAIT, out ReadOnlySpan<byte> datagram))
        {
            MessageReader reader = new(datagram);
            while (reader.TryRead(out ReceivedMessage message))
            {
                if (message.Type == MessageType.Error && message.Sequence - first < (uint)messages.Count)
                {
                    NetlinkWriter about = messages[(int)(message.Sequence - first)];
                    ThrowIfRefused(message, about == messages[0] ? last : about, subject);
                    isAcknowledged |= about == last;
                }
            }
        }

        if (!isAcknowledged)
        {
            throw new KernelException(KernelNames.Of(last.Type), subject, Errno.ETIMEDOUT, "the kernel did not say what became of it");
        }
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
        Send(request.Finish(sequence), request, subject);
        return sequence;
    }

    private void Send(ReadOnlySpan<byte> message, NetlinkWriter request, string subject)
    {
        Libc.SockaddrNl kernel = new() { Family = Libc.AF_NETLINK };
        while (Libc.sendto(_handle, message, message.Length, 0, in kernel, Libc.SockaddrNl.LengthBytes) < 0)
        {
            if (Libc.LastErrno is not Errno.EINTR)
            {
                throw new KernelException(KernelNames.Of(request.Type), subject, Libc.LastErrno);
            }
        }
    }

    private ReadOnlySpan<byte> Receive(NetlinkWriter request, string subject) =>
        TryReceive(request, subject, flags: 0, out ReadOnlySpan<byte> datagram)
            ? datagram
            : throw new KernelException(KernelNames.Of(request.Type), subject, Errno.ETIMEDOUT);

    /// <returns>False if nothing is there, or comes in time.</returns>
    private bool TryReceive(NetlinkWriter request, string subject, int flags, out ReadOnlySpan<byte> datagram)
    {
        byte[] buffer = _received ??= new byte[ReceivedBytes];
        while (true)
        {
            int addressLength = Libc.SockaddrNl.LengthBytes;
            nint length = Libc.recvfrom(_handle, buffer, buffer.Length, flags | Libc.MSG_TRUNC, out Libc.SockaddrNl sender, ref addressLength);
            if (length < 0)
            {
                switch (Libc.LastErrno)
                {
                    case Errno.EINTR:
                        continue;
                    case Errno.EAGAIN:
                        datagram = default;
                        return false;
                    default:
                        throw new KernelException(KernelNames.Of(request.Type), subject, Libc.LastErrno);
                }
            }

            // Anyone may send to a netlink port; only port id 0 is the kernel.
            if (sender.PortId == 0)
            {
                datagram = length <= buffer.Length
                    ? buffer.AsSpan(0, (int)length)
                    : throw new KernelException(KernelNames.Of(request.Type), subject, Errno.EMSGSIZE, $"an answer of {length} octets");
                return true;
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
