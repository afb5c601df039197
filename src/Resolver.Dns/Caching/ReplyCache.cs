// SPDX-License-Identifier: Apache-2.0

using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Resolver.Dns.Forwarding;

namespace Resolver.Dns.Caching;

/// <summary>
/// Upstreams' replies, bounded in octets. Readers take no lock. What is asked for once passes through a small queue and leaves, so that a scan of
/// random names does not push out what is used: S3-FIFO (Yang and others, SOSP 2023: "FIFO queues are all you need for cache eviction").
/// </summary>
internal sealed class ReplyCache
{
    private const int SmallShare = 10; // The small queue's part of the bound is one tenth.
    private const byte MaxUses = 3;

    private readonly long _maxBytes;
    private readonly ConcurrentDictionary<byte[], Node> _nodes = new(KeyComparer.Instance);
    private readonly ConcurrentDictionary<byte[], Node>.AlternateLookup<ReadOnlySpan<byte>> _bySpan;
    private readonly Lock _gate = new();
    private readonly Queue<int> _ghosts = new();
    private readonly HashSet<int> _isGhost = [];
    private Queue<Node> _small = new();
    private Queue<Node> _main = new();
    private long _smallBytes;
    private long _mainBytes;

    /// <param name="maxBytes">The bound; 0 keeps nothing.</param>
    internal ReplyCache(long maxBytes)
    {
        _maxBytes = maxBytes;
        _bySpan = _nodes.GetAlternateLookup<ReadOnlySpan<byte>>();
    }

    /// <summary>How many replies are kept.</summary>
    internal int Count => _nodes.Count;

    /// <summary>What they take.</summary>
    internal long SizeBytes => Interlocked.Read(ref _smallBytes) + Interlocked.Read(ref _mainBytes);

    /// <summary>Finds a reply, however old.</summary>
    internal bool TryFind(ReadOnlySpan<byte> key, [NotNullWhen(true)] out CachedReply? reply)
    {
        if (!_bySpan.TryGetValue(key, out Node? node))
        {
            reply = null;
            return false;
        }

        // A use that is lost to a race is no loss; a write that is not needed would move the cache line between cores.
        if (node.Uses < MaxUses)
        {
            node.Uses++;
        }

        reply = node.Reply;
        return true;
    }

    /// <summary>Keeps a reply; it replaces the one with its key.</summary>
    internal void Keep(CachedReply reply)
    {
        if (reply.SizeBytes > _maxBytes / SmallShare)
        {
            return;
        }

        lock (_gate)
        {
            if (_nodes.TryGetValue(reply.Key, out Node? node))
            {
                Grow(node.IsInMain, reply.SizeBytes - node.Reply.SizeBytes);
                node.Reply = reply;
            }
            else
            {
                node = new Node(reply) { IsInMain = _isGhost.Contains(KeyComparer.Instance.GetHashCode(reply.Key)) };
                _nodes[reply.Key] = node;
                (node.IsInMain ? _main : _small).Enqueue(node);
                Grow(node.IsInMain, reply.SizeBytes);
            }

            while (_smallBytes + _mainBytes > _maxBytes)
            {
                EvictOne();
            }
        }
    }

    /// <summary>Forgets everything; returns how much that was.</summary>
    internal int Flush() => Flush(static _ => true);

    /// <summary>Forgets a name, and the names below it if asked to.</summary>
    /// <param name="name">Folded, with its zero.</param>
    /// <param name="below">True for the names below as well.</param>
    internal int Flush(byte[] name, bool below) => Flush(key =>
    {
        ReadOnlySpan<byte> kept = CacheKey.NameOf(key);
        while (below && kept.Length > name.Length)
        {
            kept = kept[(1 + kept[0])..];
        }

        return kept.SequenceEqual(name);
    });

    /// <summary>Forgets what these upstreams said.</summary>
    internal int Flush(UpstreamSet upstreams) => Flush(key => CacheKey.IsOf(key, upstreams));

    private int Flush(Func<byte[], bool> isMeant)
    {
        lock (_gate)
        {
            int before = _nodes.Count;
            _small = Without(_small, isMeant, ref _smallBytes);
            _main = Without(_main, isMeant, ref _mainBytes);
            return before - _nodes.Count;
        }
    }

    private Queue<Node> Without(Queue<Node> queue, Func<byte[], bool> isMeant, ref long bytes)
    {
        Queue<Node> kept = new(queue.Count);
        foreach (Node node in queue)
        {
            if (!isMeant(node.Reply.Key))
            {
                kept.Enqueue(node);
                continue;
            }

            _nodes.TryRemove(node.Reply.Key, out _);
            Interlocked.Add(ref bytes, -node.Reply.SizeBytes);
        }

        return kept;
    }

    private void EvictOne()
    {
        if (_main.Count == 0 || _smallBytes > _maxBytes / SmallShare)
        {
            EvictFromSmall();
        }
        else
        {
            EvictFromMain();
        }
    }

    private void EvictFromSmall()
    {
        Node node = _small.Dequeue();
        Grow(inMain: false, -node.Reply.SizeBytes);
        if (node.Uses > 0)
        {
            (node.Uses, node.IsInMain) = (0, true);
            _main.Enqueue(node);
            Grow(inMain: true, node.Reply.SizeBytes);
            return;
        }

        _nodes.TryRemove(node.Reply.Key, out _);
        Remember(KeyComparer.Instance.GetHashCode(node.Reply.Key));
    }

    private void EvictFromMain()
    {
        while (true)
        {
            Node node = _main.Dequeue();
            if (node.Uses > 0)
            {
                node.Uses--;
                _main.Enqueue(node);
                continue;
            }

            Grow(inMain: true, -node.Reply.SizeBytes);
            _nodes.TryRemove(node.Reply.Key, out _);
            return;
        }
    }

    // Only the hash of what has left, and no more of those than there are entries: who comes back soon goes to the main queue at once.
    private void Remember(int hash)
    {
        if (_isGhost.Add(hash))
        {
            _ghosts.Enqueue(hash);
        }

        // Not the dictionary's own count, for which it takes each of its locks.
        while (_ghosts.Count > _small.Count + _main.Count + 1)
        {
            _isGhost.Remove(_ghosts.Dequeue());
        }
    }

    private void Grow(bool inMain, long bytes) => Interlocked.Add(ref inMain ? ref _mainBytes : ref _smallBytes, bytes);

    private sealed class Node(CachedReply reply)
    {
        private CachedReply _reply = reply;

        internal CachedReply Reply
        {
            get => Volatile.Read(ref _reply);
            set => Volatile.Write(ref _reply, value);
        }

        internal byte Uses { get; set; }

        internal bool IsInMain { get; set; }
    }

    /// <summary>Octet for octet, by span without a copy; the hash is seeded, because clients choose the names.</summary>
    internal sealed class KeyComparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        internal static readonly KeyComparer Instance = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(byte[] obj) => GetHashCode(obj.AsSpan());

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            HashCode hash = default;
            hash.AddBytes(alternate);
            return hash.ToHashCode();
        }

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
    }
}
