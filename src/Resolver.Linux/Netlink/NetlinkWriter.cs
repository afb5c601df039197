// SPDX-License-Identifier: Apache-2.0

using System.Runtime.InteropServices;
using System.Text;

namespace Resolver.Linux.Netlink;

/// <summary>
/// Writes one request: nlmsghdr, a fixed struct, attributes. Attributes are aligned to 4 octets; a nested one is a scope whose end patches the
/// length. A request is small (no more than a few hundred octets), so the buffer is fixed and running over it is a bug that throws.
/// </summary>
internal sealed class NetlinkWriter
{
    internal const int HeaderLengthBytes = 16;
    private const int CapacityBytes = 4096;
    private const ushort NestedFlag = 1 << 15; // NLA_F_NESTED

    private readonly byte[] _buffer = new byte[CapacityBytes];
    private int _length = HeaderLengthBytes;

    internal NetlinkWriter(MessageType type, MessageFlags flags)
    {
        Type = type;
        Write(4, (ushort)type);
        Write(6, (ushort)(flags | MessageFlags.Request));
    }

    internal MessageType Type { get; }

    /// <summary>Appends a fixed struct (ifinfomsg, ifaddrmsg, rtmsg) in host byte order.</summary>
    internal NetlinkWriter Struct<T>(in T value)
        where T : unmanaged
    {
        MemoryMarshal.Write(Reserve(Marshal.SizeOf<T>()), in value);
        return this;
    }

    internal NetlinkWriter Attribute(ushort type, ReadOnlySpan<byte> value)
    {
        Span<byte> header = Reserve(4 + value.Length);
        ushort length = checked((ushort)(4 + value.Length));
        MemoryMarshal.Write(header, in length);
        MemoryMarshal.Write(header[2..], in type);
        value.CopyTo(header[4..]);
        return this;
    }

    internal NetlinkWriter Attribute(ushort type, int value)
    {
        Span<byte> octets = stackalloc byte[4];
        MemoryMarshal.Write(octets, in value);
        return Attribute(type, octets);
    }

    /// <summary>A string with its terminating zero.</summary>
    internal NetlinkWriter Attribute(ushort type, string value) => Attribute(type, Encoding.UTF8.GetBytes(value + '\0'));

    /// <summary>Opens a nested attribute; dispose the scope to close it.</summary>
    internal Scope Nest(ushort type)
    {
        int start = _length;
        Attribute((ushort)(type | NestedFlag), []);
        return new Scope(this, start);
    }

    /// <summary>The finished message under a sequence number.</summary>
    internal ReadOnlySpan<byte> Finish(uint sequence)
    {
        int length = _length;
        MemoryMarshal.Write(_buffer, in length);
        MemoryMarshal.Write(_buffer.AsSpan(8), in sequence);
        return _buffer.AsSpan(0, _length);
    }

    private void Write(int offset, ushort value) => MemoryMarshal.Write(_buffer.AsSpan(offset), in value);

    private Span<byte> Reserve(int count)
    {
        Span<byte> space = _buffer.AsSpan(_length, count);
        _length += (count + 3) & ~3;
        return space;
    }

    /// <summary>A nested attribute being written.</summary>
    internal readonly ref struct Scope
    {
        private readonly NetlinkWriter _writer;
        private readonly int _start;

        internal Scope(NetlinkWriter writer, int start)
        {
            _writer = writer;
            _start = start;
        }

        public void Dispose() => _writer.Write(_start, checked((ushort)(_writer._length - _start)));
    }
}
