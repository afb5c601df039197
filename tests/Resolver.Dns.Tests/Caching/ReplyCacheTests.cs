// SPDX-License-Identifier: Apache-2.0

using Resolver.Dns.Caching;
using Resolver.Dns.Forwarding;
using Resolver.Dns.Wire;
using Xunit;

namespace Resolver.Dns.Tests.Caching;

public sealed class ReplyCacheTests
{
    private const long MaxBytes = 256 * 1024;

    private readonly ReplyCache _cache = new(MaxBytes);

    [Fact]
    public void A_flood_of_names_stays_within_the_bound_and_leaves_what_is_used()
    {
        byte[][] used = [.. Enumerable.Range(0, 100).Select(index => Keep($"used{index}"))];
        for (int i = 0; i < 100_000; i++)
        {
            Keep($"flood{i}");
            Assert.True(_cache.SizeBytes <= MaxBytes);
            Assert.True(_cache.TryFind(used[i % used.Length], out _), $"lost after {i} others");
        }

        Assert.InRange(_cache.Count, 100, MaxBytes / 200);
    }

    [Fact]
    public void What_comes_back_soon_after_it_was_pushed_out_stays()
    {
        byte[] key = Keep("again");
        Fill("first");
        Assert.False(_cache.TryFind(key, out _));
        Keep("again");
        Fill("second");

        Assert.True(_cache.TryFind(key, out _));
    }

    [Fact]
    public void A_cache_of_no_size_keeps_nothing()
    {
        ReplyCache none = new(0);
        (byte[] key, CachedReply reply) = Make("some");
        none.Keep(reply);

        Assert.False(none.TryFind(key, out _));
        Assert.Equal(0, none.SizeBytes);
    }

    [Fact]
    public async Task Readers_find_whole_replies_while_others_are_kept_and_flushed()
    {
        byte[] key = Make("some").Key;
        using CancellationTokenSource stop = new();
        Task writer = Task.Run(
            () =>
            {
                for (int i = 0; !stop.IsCancellationRequested; i++)
                {
                    Keep("some");
                    Keep($"other{i}");
                    if (i % 100 == 0)
                    {
                        _cache.Flush();
                    }
                }
            },
            CancellationToken.None);
        for (int i = 0; i < 200_000; i++)
        {
            Assert.True(!_cache.TryFind(key, out CachedReply? reply) || reply.Key.AsSpan().SequenceEqual(key));
        }

        await stop.CancelAsync();
        await writer.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        Assert.True(_cache.SizeBytes is >= 0 and <= MaxBytes);
    }

    private static (byte[] Key, CachedReply Reply) Make(string name)
    {
        byte[] message = ReplyBuilder.Question(name, optFlags: null);
        Question question = default;
        Assert.Equal(QuestionProblem.None, question.Parse(message));
        byte[] key = new byte[CacheKey.MaxLengthBytes];
        key = key[..CacheKey.Write(message, in question, UpstreamSet.None, null, key)];
        byte[] reply = ReplyBuilder.Reply(message, 60, ["192.0.2.1"]);
        return (key, CachedReply.TryMake(key, question.Type, question.End, reply, 0)!);
    }

    private byte[] Keep(string name)
    {
        (byte[] key, CachedReply reply) = Make(name);
        _cache.Keep(reply);
        return key;
    }

    // Enough to push out what nobody asked for, not enough for it to be forgotten.
    private void Fill(string prefix)
    {
        for (int i = 0; i < 1500; i++)
        {
            Keep($"{prefix}-{i}");
        }
    }
}
