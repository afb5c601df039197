// SPDX-License-Identifier: Apache-2.0

using System.Runtime.InteropServices;
using Resolver.Linux.Interop;

namespace Resolver.Linux.Datagrams;

/// <summary>The native memory of one loop: headers, addresses, received datagrams and replies, allocated once and never moved.</summary>
internal sealed unsafe class DatagramBatch : IDisposable
{
    internal const int Size = 64;
    internal const int SlotBytes = 4096;

    private const int AddressSlotBytes = 32;

    private readonly byte* _received = (byte*)NativeMemory.AllocZeroed(Size * SlotBytes);
    private readonly byte* _replies = (byte*)NativeMemory.AllocZeroed(Size * SlotBytes);
    private readonly byte* _addresses = (byte*)NativeMemory.AllocZeroed(Size * AddressSlotBytes);
    private readonly Libc.IoVec* _vectors = (Libc.IoVec*)NativeMemory.AllocZeroed(2 * Size, (nuint)sizeof(Libc.IoVec));
    private readonly Libc.MMsgHdr* _headers = (Libc.MMsgHdr*)NativeMemory.AllocZeroed(2 * Size, (nuint)sizeof(Libc.MMsgHdr));

    internal DatagramBatch()
    {
        for (int slot = 0; slot < Size; slot++)
        {
            _vectors[slot] = new Libc.IoVec { Base = _received + (slot * SlotBytes), Length = SlotBytes };
            _headers[slot].Header.Name = _addresses + (slot * AddressSlotBytes);
            _headers[slot].Header.IoVec = _vectors + slot;
            _headers[slot].Header.IoVecCount = 1;
        }
    }

    /// <summary>Receives, asks the handler, replies; returns how many datagrams came.</summary>
    internal int Serve(DatagramSocket socket, IDatagramHandler handler)
    {
        for (int slot = 0; slot < Size; slot++)
        {
            _headers[slot].Header.NameLength = PeerAddress.MaxLengthBytes;
        }

        int count = Libc.recvmmsg(socket.Handle, _headers, Size, Libc.MSG_DONTWAIT, 0);
        if (count < 0)
        {
            NoteFailure(socket, handler, Libc.LastErrno);
            return 0;
        }

        int replies = 0;
        for (int slot = 0; slot < count; slot++)
        {
            replies = Handle(socket, handler, slot, replies);
        }

        DatagramSender.Send(socket, handler, _headers + Size, replies);
        return count;
    }

    public void Dispose()
    {
        NativeMemory.Free(_headers);
        NativeMemory.Free(_vectors);
        NativeMemory.Free(_addresses);
        NativeMemory.Free(_replies);
        NativeMemory.Free(_received);
    }

    private static void NoteFailure(DatagramSocket socket, IDatagramHandler handler, Errno failure)
    {
        if (failure is Errno.EAGAIN or Errno.EINTR or Errno.ENOMEM or Errno.ENOBUFS)
        {
            return;
        }

        if (socket.IsConnected)
        {
            // What an ICMP error said of the peer: refused, filtered, no route.
            handler.Unreachable(socket);
        }
        else if (failure is not Errno.ECONNREFUSED)
        {
            throw new KernelException("recvmmsg", $"udp {socket.LocalEndPoint}", failure);
        }
    }

    private int Handle(DatagramSocket socket, IDatagramHandler handler, int slot, int replies)
    {
        Libc.MMsgHdr* question = _headers + slot;
        if ((question->Header.Flags & Libc.MSG_TRUNC) != 0)
        {
            return replies;
        }

        DatagramPeer peer = PeerAddress.Read(new ReadOnlySpan<byte>(question->Header.Name, PeerAddress.MaxLengthBytes));
        ReadOnlySpan<byte> datagram = new(_received + (slot * SlotBytes), (int)question->Length);
        byte* reply = _replies + (replies * SlotBytes);
        if (handler.Handle(socket, in peer, datagram, new Span<byte>(reply, SlotBytes), out int length) != DatagramVerdict.Send)
        {
            return replies;
        }

        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)length, (uint)SlotBytes);
        _vectors[Size + replies] = new Libc.IoVec { Base = reply, Length = (nuint)length };
        _headers[Size + replies].Header = new Libc.MsgHdr
        {
            Name = question->Header.Name,
            NameLength = question->Header.NameLength,
            IoVec = _vectors + Size + replies,
            IoVecCount = 1,
        };
        return replies + 1;
    }
}
