// SPDX-License-Identifier: Apache-2.0

using System.Buffers;
using System.Buffers.Binary;

namespace Resolver.Dns.Serving;

/// <summary>What came on a connection and is not taken yet: messages with their lengths in front (RFC 1035 §4.2.2), the last one perhaps in part.</summary>
internal sealed class TcpInput : IDisposable
{
    private const int PrefixBytes = sizeof(ushort);
    private const int UsualBytes = 4096; // A connection may be idle for long, and there may be many: more is taken for the message that needs it.

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(UsualBytes);
    private int _start;
    private int _end;

    /// <summary>True if the length of a message came and not yet all of it.</summary>
    internal bool IsInMessage => TryReadLength(out _);

    /// <summary>Room for what comes next, never empty when <see cref="TryTake"/> has just returned false. Taken messages are gone.</summary>
    internal Memory<byte> MakeRoom()
    {
        int needed = TryReadLength(out int length) ? Math.Max(PrefixBytes + length, UsualBytes) : UsualBytes;
        byte[] buffer = _buffer.Length < needed || (_buffer.Length > UsualBytes && needed == UsualBytes) ? ArrayPool<byte>.Shared.Rent(needed) : _buffer;
        _buffer.AsSpan(_start, _end - _start).CopyTo(buffer);
        if (buffer != _buffer)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = buffer;
        }

        _end -= _start;
        _start = 0;
        return _buffer.AsMemory(_end);
    }

    /// <summary>Notes how many octets were put into the room.</summary>
    internal void Add(int count) => _end += count;

    /// <summary>The next whole message, valid until <see cref="MakeRoom"/>; false if there is none.</summary>
    internal bool TryTake(out ReadOnlyMemory<byte> message)
    {
        message = default;
        if (!TryReadLength(out int length) || _end - _start < PrefixBytes + length)
        {
            return false;
        }

        message = _buffer.AsMemory(_start + PrefixBytes, length);
        _start += PrefixBytes + length;
        return true;
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(_buffer);

    private bool TryReadLength(out int length)
    {
        bool isThere = _end - _start >= PrefixBytes;
        length = isThere ? BinaryPrimitives.ReadUInt16BigEndian(_buffer.AsSpan(_start)) : 0;
        return isThere;
    }
}
