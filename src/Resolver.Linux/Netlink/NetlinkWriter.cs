// SPDX-License-Identifier: Apache-2.0

using System.Runtime.InteropServices;
using System.Text;

namespace Resolver.Linux.Netlink;

/// <summary>
/// Writes one request: nlmsghdr, a fixed struct, attributes. Attributes are aligned to 4 octets; a nested one is a scope whose end patches the
/// length, which is a number of 16 bits.
/// </summary>
internal sealed class NetlinkWriter
{
    internal const int HeaderLengthBytes = 16;
    private const int UsualBytes = 256; // Most requests; the buffer grows for the others.
    private const ushort NestedFlag = 1 << 15; // NLA_F_NESTED

    private byte[] _buffer = new byte[UsualBytes];
    private int _length = HeaderLengthBytes;

    internal NetlinkWriter(MessageType type, MessageFlags flags)
    {
        Type = type;
        Write(4, (ushort)type);
        Write(6, (ushort)(flags | MessageFlags.Request));
    }

    internal MessageType Type { get; }

    /// <summary>What is written so far, the header included.</summary>
    internal int LengthBytes => _length;

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
    internal ReadOnlySpan<byte> Finish(uint sequence, MessageFlags further = MessageFlags.None)
    {
        int length = _length;
        Write(6, (ushort)(MemoryMarshal.Read<ushort>(_buffer.AsSpan(6)) | (ushort)further));
        MemoryMarshal.Write(_buffer, in length);
        MemoryMarshal.Write(_buffer.AsSpan(8), in sequence);
        return _buffer.AsSpan(0, _length);
    }

    private void Write(int offset, ushort value) => MemoryMarshal.Write(_buffer.AsSpan(offset), in value);

    private Span<byte> Reserve(int count)
    {
        int start = _length;
        _length += (count + 3) & ~3;
        if (_length > _buffer.Length)
        {
            Array.Resize(ref _buffer, Math.Max(_length, 2 * _buffer.Length));
        }

        return _buffer.AsSpan(start, count);
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
