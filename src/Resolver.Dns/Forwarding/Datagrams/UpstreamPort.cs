// SPDX-License-Identifier: Apache-2.0

using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using Resolver.Linux.Datagrams;

namespace Resolver.Dns.Forwarding.Datagrams;

/// <summary>A connected socket on a port that chance chose, and what was asked on it and is not answered. Thread-safe.</summary>
/// <param name="socket">The socket.</param>
/// <param name="opened">A timestamp.</param>
internal sealed class UpstreamPort(DatagramSocket socket, long opened) : IDisposable
{
    /// <summary>Questions until another port takes its place: whoever finds out a port has it for a moment only.</summary>
    internal const int MaxUses = 256;

    private readonly Dictionary<ushort, OutstandingQuestion> _outstanding = [];
    private readonly Lock _gate = new();
    private int _uses;

    internal DatagramSocket Socket => socket;

    /// <summary>A timestamp.</summary>
    internal long Opened => opened;

    /// <summary>True when nothing more is to be asked here.</summary>
    internal bool IsWorn => Volatile.Read(ref _uses) >= MaxUses;

    /// <summary>How many questions wait.</summary>
    internal int OutstandingCount
    {
        get
        {
            lock (_gate)
            {
                return _outstanding.Count;
            }
        }
    }

    /// <summary>Gives a question its id and waits for its reply.</summary>
    internal void Await(OutstandingQuestion question, RandomNumbers random)
    {
        lock (_gate)
        {
            _uses++;
            question.Port = this;
            do
            {
                question.Id = random.Next();
            }
            while (!_outstanding.TryAdd(question.Id, question));
        }
    }

    /// <summary>
    /// The question that a datagram answers, which waits no more. What does not match is passed over, for to fail by it would let anyone cut
    /// questions off.
    /// </summary>
    internal bool TryMatch(ReadOnlySpan<byte> datagram, [NotNullWhen(true)] out OutstandingQuestion? question)
    {
        question = null;
        if (datagram.Length < sizeof(ushort))
        {
            return false;
        }

        lock (_gate)
        {
            ushort id = BinaryPrimitives.ReadUInt16BigEndian(datagram);
            return _outstanding.TryGetValue(id, out question) && Exchange.IsAnswerTo(question.Message, datagram) && _outstanding.Remove(id);
        }
    }

    /// <summary>Those that wait for a reply that has not been handed over and whose patience is at its end.</summary>
    internal void CollectOverdue(List<OutstandingQuestion> overdue, TimeProvider timeProvider, bool all)
    {
        lock (_gate)
        {
            foreach (OutstandingQuestion question in _outstanding.Values)
            {
                if (!question.IsHandedOver && (all || timeProvider.GetElapsedTime(question.Asked) >= question.Patience))
                {
                    overdue.Add(question);
                }
            }
        }
    }

    /// <summary>All that wait, none of which waits any more.</summary>
    internal OutstandingQuestion[] TakeAll()
    {
        lock (_gate)
        {
            OutstandingQuestion[] all = [.. _outstanding.Values];
            _outstanding.Clear();
            return all;
        }
    }

    /// <summary>Waits for a reply no more.</summary>
    internal void Forget(OutstandingQuestion question)
    {
        lock (_gate)
        {
            if (_outstanding.TryGetValue(question.Id, out OutstandingQuestion? own) && ReferenceEquals(own, question))
            {
                _outstanding.Remove(question.Id);
            }
        }
    }

    public void Dispose() => socket.Dispose();
}
