// SPDX-License-Identifier: Apache-2.0

using System.Runtime.InteropServices;
using System.Text;

namespace Resolver.Linux.Netlink;

/// <summary>One received message: header fields and payload.</summary>
internal readonly ref struct ReceivedMessage
{
    internal MessageType Type { get; init; }

    internal MessageFlags Flags { get; init; }

    internal uint Sequence { get; init; }

    /// <summary>nlmsg_pid: in what a multicast group hears, the socket that asked for the change; 0 if the kernel made it by itself.</summary>
    internal uint PortId { get; init; }

    internal ReadOnlySpan<byte> Payload { get; init; }
}

/// <summary>Splits a received datagram into messages. Every length is checked before what it covers is touched.</summary>
internal ref struct MessageReader
{
    private ReadOnlySpan<byte> _rest;

    internal MessageReader(ReadOnlySpan<byte> datagram)
    {
        _rest = datagram;
    }

    internal bool TryRead(out ReceivedMessage message)
    {
        message = default;
        if (_rest.Length < NetlinkWriter.HeaderLengthBytes)
        {
            return false;
        }

        uint length = MemoryMarshal.Read<uint>(_rest);
        if (length < NetlinkWriter.HeaderLengthBytes || length > _rest.Length)
        {
            return false;
        }

        message = new ReceivedMessage
        {
            Type = (MessageType)MemoryMarshal.Read<ushort>(_rest[4..]),
            Flags = (MessageFlags)MemoryMarshal.Read<ushort>(_rest[6..]),
            Sequence = MemoryMarshal.Read<uint>(_rest[8..]),
            PortId = MemoryMarshal.Read<uint>(_rest[12..]),
            Payload = _rest[NetlinkWriter.HeaderLengthBytes..(int)length],
        };
        _rest = _rest[Math.Min(_rest.Length, ((int)length + 3) & ~3)..];
        return true;
    }
}

/// <summary>Walks attributes (struct nlattr: length, type, value).</summary>
internal ref struct AttributeReader
{
    private const ushort TypeMask = 0x3FFF; // NLA_TYPE_MASK: without the nested and byte-order flags

    private ReadOnlySpan<byte> _rest;

    internal AttributeReader(ReadOnlySpan<byte> attributes)
    {
        _rest = attributes;
        Type = 0;
        Value = default;
    }

    internal ushort Type { get; private set; }

    internal ReadOnlySpan<byte> Value { get; private set; }

    internal bool TryRead()
    {
        if (_rest.Length < 4)
        {
            return false;
        }

        int length = MemoryMarshal.Read<ushort>(_rest);
        if (length < 4 || length > _rest.Length)
        {
            return false;
        }

        Type = (ushort)(MemoryMarshal.Read<ushort>(_rest[2..]) & TypeMask);
        Value = _rest[4..length];
        _rest = _rest[Math.Min(_rest.Length, (length + 3) & ~3)..];
        return true;
    }

    internal readonly int Int32() => MemoryMarshal.Read<int>(Value);

    /// <summary>A string without its terminating zero.</summary>
    internal readonly string Text() => Encoding.UTF8.GetString(Value.TrimEnd((byte)0));
}
