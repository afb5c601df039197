// SPDX-License-Identifier: Apache-2.0

using System.Runtime.InteropServices;
using Resolver.Linux.Interop;

namespace Resolver.Linux.Datagrams;

/// <summary>
/// Datagrams that wait to be sent together: those that follow each other on one socket leave by one system call. Native memory, allocated once and
/// never moved. Not thread-safe.
/// </summary>
public sealed unsafe class DatagramQueue : IDisposable
{
    private const int Size = 64;
    private const int AddressSlotBytes = 32;

    private readonly int _slotBytes;
    private readonly byte* _datagrams;
    private readonly byte* _addresses = (byte*)NativeMemory.AllocZeroed(Size * AddressSlotBytes);
    private readonly Libc.IoVec* _vectors = (Libc.IoVec*)NativeMemory.AllocZeroed(Size, (nuint)sizeof(Libc.IoVec));
    private readonly Libc.MMsgHdr* _headers = (Libc.MMsgHdr*)NativeMemory.AllocZeroed(Size, (nuint)sizeof(Libc.MMsgHdr));
    private readonly DatagramSocket?[] _sockets = new DatagramSocket?[Size];
    private int _count;

    /// <param name="slotBytes">The longest datagram.</param>
    public DatagramQueue(int slotBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(slotBytes);
        _slotBytes = slotBytes;
        _datagrams = (byte*)NativeMemory.AllocZeroed((nuint)(Size * slotBytes));
        for (int slot = 0; slot < Size; slot++)
        {
            _headers[slot].Header.IoVec = _vectors + slot;
            _headers[slot].Header.IoVecCount = 1;
        }
    }

    /// <summary>True when it has to be flushed before more can wait.</summary>
    public bool IsFull => _count == Size;

    /// <summary>Where the next datagram is to be written before it is added. Not when the queue is full.</summary>
    public Span<byte> Next
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfEqual(_count, Size);
            return new Span<byte>(_datagrams + (_count * _slotBytes), _slotBytes);
        }
    }

    /// <summary>Lets what was written to <see cref="Next"/> wait.</summary>
    /// <param name="socket">Whence it is sent.</param>
    /// <param name="peer">Whither.</param>
    /// <param name="length">Its length in octets.</param>
    public void Add(DatagramSocket socket, in DatagramPeer peer, int length)
    {
        byte* address = _addresses + (_count * AddressSlotBytes);
        int addressLength = PeerAddress.Write(peer, new Span<byte>(address, AddressSlotBytes));
        Add(socket, address, addressLength, length);
    }

    /// <summary>The same for a connected socket.</summary>
    /// <param name="socket">Whence it is sent.</param>
    /// <param name="length">Its length in octets.</param>
    public void Add(DatagramSocket socket, int length) => Add(socket, null, 0, length);

    /// <summary>Sends all. What can't be sent is lost like any datagram.</summary>
    /// <param name="handler">Is told when the peer of a connected socket can't be reached.</param>
    public void Flush(IDatagramHandler handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        int start = 0;
        while (start < _count)
        {
            DatagramSocket socket = _sockets[start]!;
            int end = start + 1;
            while (end < _count && ReferenceEquals(_sockets[end], socket))
            {
                end++;
            }

            DatagramSender.Send(socket, handler, _headers + start, end - start);
            start = end;
        }

        Array.Clear(_sockets, 0, _count);
        _count = 0;
    }

    /// <summary>Frees the memory; what waits is lost.</summary>
    public void Dispose()
    {
        NativeMemory.Free(_headers);
        NativeMemory.Free(_vectors);
        NativeMemory.Free(_addresses);
        NativeMemory.Free(_datagrams);
        _count = Size;
    }

    private void Add(DatagramSocket socket, byte* address, int addressLength, int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)length, (uint)_slotBytes);
        _vectors[_count] = new Libc.IoVec { Base = _datagrams + (_count * _slotBytes), Length = (nuint)length };
        _headers[_count].Header.Name = address;
        _headers[_count].Header.NameLength = (uint)addressLength;
        _sockets[_count] = socket;
        _count++;
    }
}
