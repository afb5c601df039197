// SPDX-License-Identifier: Apache-2.0

using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Resolver.Dns.Forwarding;
using Resolver.Dns.Serving;
using Resolver.Dns.Tests.Forwarding;
using Resolver.Dns.Zones;
using Xunit;

namespace Resolver.Dns.Tests.Caching;

/// <summary>What is asked upstream and what is not. The clock is the test's own.</summary>
public sealed class ForwarderCacheTests : IAsyncDisposable
{
    private const int NxDomain = 3;

    private readonly FakeTimeProvider _clock = new();
    private readonly DnsCounts _counts = new();
    private readonly Forwarder _forwarder;

    public ForwarderCacheTests() =>
        _forwarder = new Forwarder(new DnsServiceOptions { ResolvConfPath = "/nonexistent/resolv.conf" }, _clock, _counts, NullLogger.Instance);

    public ValueTask DisposeAsync() => _forwarder.DisposeAsync();

    [Fact]
    public async Task The_second_question_is_answered_from_the_cache_with_the_time_gone_by_taken_off()
    {
        await using FakeUpstream upstream = Upstream(60, "192.0.2.1");
        await AskAsync(upstream, ReplyBuilder.Question("www.example"));

        _clock.Advance(TimeSpan.FromSeconds(20));
        byte[] reply = await AskAsync(upstream, ReplyBuilder.Question("WWW.example", id: 0xBEEF));

        Assert.Equal(1, upstream.Asked);
        Assert.Equal(40u, Assert.Single(ReplyBuilder.Ttls(reply)));
        Assert.Equal((0xBE, 0xEF), (reply[0], reply[1]));
        Assert.Equal((byte)'W', reply[13]); // RFC 1035 §4.1.2: the question as it was asked.
        Assert.Equal(0, reply[2] & 4); // AA: we are no authority for it.
    }

    [Theory]
    [InlineData(60, 53, 1)] // Later it would be fetched ahead.
    [InlineData(60, 60, 2)]
    [InlineData(0, 0, 2)] // RFC 1035 §3.2.1: for the transaction in progress only.
    public async Task An_answer_lasts_as_long_as_its_ttl(uint ttl, int seconds, int asked)
    {
        await using FakeUpstream upstream = Upstream(ttl, "192.0.2.1");
        await AskAsync(upstream, ReplyBuilder.Question("www.example", type: 1, optFlags: null));
        _clock.Advance(TimeSpan.FromSeconds(seconds));
        await AskAsync(upstream, ReplyBuilder.Question("www.example", type: 1, optFlags: null));

        await upstream.AskedAsync(asked);
    }

    [Fact]
    public async Task A_ttl_with_the_top_bit_set_is_a_day()
    {
        // RFC 8767 §4.
        await using FakeUpstream upstream = Upstream(0x8000_0001, "192.0.2.1");
        await AskAsync(upstream, ReplyBuilder.Question("www.example"));
        byte[] reply = await AskAsync(upstream, ReplyBuilder.Question("www.example"));

        Assert.Equal(86400u, Assert.Single(ReplyBuilder.Ttls(reply)));
    }

    [Fact]
    public async Task A_name_that_does_not_exist_is_missing_for_every_type_as_long_as_its_soa_says()
    {
        // RFC 2308 §5: the lower of the SOA's TTL and its MINIMUM.
        await using FakeUpstream upstream = new(question => [ReplyBuilder.Reply(question, 100, [], NxDomain, soaMinimum: 30)]);
        await AskAsync(upstream, ReplyBuilder.Question("no.example", type: 1));

        byte[] reply = await AskAsync(upstream, ReplyBuilder.Question("no.example", type: 28));
        Assert.Equal(NxDomain, reply[3] & 15);
        Assert.Equal(1, upstream.Asked);

        _clock.Advance(TimeSpan.FromSeconds(30));
        await AskAsync(upstream, ReplyBuilder.Question("no.example", type: 28));
        Assert.Equal(2, upstream.Asked);
    }

    [Fact]
    public async Task No_data_of_one_type_says_nothing_about_another()
    {
        await using FakeUpstream upstream = new(question => [ReplyBuilder.Reply(question, 100, [], soaMinimum: 30)]);
        await AskAsync(upstream, ReplyBuilder.Question("v4.example", type: 28));
        await AskAsync(upstream, ReplyBuilder.Question("v4.example", type: 28));
        Assert.Equal(1, upstream.Asked);

        await AskAsync(upstream, ReplyBuilder.Question("v4.example", type: 16));
        Assert.Equal(2, upstream.Asked);
    }

    [Fact]
    public async Task A_negative_answer_without_soa_is_not_kept()
    {
        // RFC 2308 §5.
        await using FakeUpstream upstream = new(question => [ReplyBuilder.Reply(question, 0, [], NxDomain)]);
        await AskAsync(upstream, ReplyBuilder.Question("no.example"));
        await AskAsync(upstream, ReplyBuilder.Question("no.example"));

        Assert.Equal(2, upstream.Asked);
    }

    [Fact]
    public async Task Dnssec_checking_and_upstreams_are_kept_apart()
    {
        await using FakeUpstream upstream = Upstream(60, "192.0.2.1");
        await using FakeUpstream other = Upstream(60, "192.0.2.2");
        await AskAsync(upstream, ReplyBuilder.Question("www.example"));
        await AskAsync(upstream, ReplyBuilder.Question("www.example", optFlags: 0x8000));
        await AskAsync(upstream, ReplyBuilder.Question("www.example", checkingDisabled: true));
        byte[] reply = await AskAsync(other, ReplyBuilder.Question("www.example"));

        Assert.Equal(3, upstream.Asked);
        Assert.Equal([2], ReplyBuilder.LastOctets(reply));
    }

    [Fact]
    public async Task Addresses_are_rotated()
    {
        await using FakeUpstream upstream = Upstream(60, "192.0.2.1", "192.0.2.2", "192.0.2.3");
        await AskAsync(upstream, ReplyBuilder.Question("www.example"));

        Assert.Equal([2, 3, 1], ReplyBuilder.LastOctets(await AskAsync(upstream, ReplyBuilder.Question("www.example"), rotation: 1)));
        Assert.Equal([3, 1, 2], ReplyBuilder.LastOctets(await AskAsync(upstream, ReplyBuilder.Question("www.example"), rotation: 2)));
        Assert.Equal(1, upstream.Asked);
    }

    [Fact]
    public async Task What_is_asked_for_near_its_end_is_fetched_again_once_before_it_ends()
    {
        await using FakeUpstream upstream = Upstream(100, "192.0.2.1");
        await AskAsync(upstream, ReplyBuilder.Question("www.example"));
        _clock.Advance(TimeSpan.FromSeconds(89));
        await AskAsync(upstream, ReplyBuilder.Question("www.example"));
        Assert.Equal(1, upstream.Asked);

        _clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(9u, Assert.Single(ReplyBuilder.Ttls(await AskAsync(upstream, ReplyBuilder.Question("www.example")))));
        await upstream.AskedAsync(2);
        await UntilAsync(async () => ReplyBuilder.Ttls(await AskAsync(upstream, ReplyBuilder.Question("www.example")))[0] == 100);
        Assert.Equal(2, upstream.Asked);
    }

    [Fact]
    public async Task A_failure_is_not_fetched_again_before_its_end()
    {
        await using FakeUpstream upstream = new(question => [ReplyBuilder.Reply(question, 0, [], 2)]);
        await AskAsync(upstream, ReplyBuilder.Question("www.example"));
        _clock.Advance(TimeSpan.FromSeconds(1.95));
        await AskAsync(upstream, ReplyBuilder.Question("www.example"));
        Assert.Equal(1, upstream.Asked);

        // Had it been, this were another failure from the cache.
        _clock.Advance(TimeSpan.FromSeconds(0.1));
        byte[] reply = await AskAsync(upstream, ReplyBuilder.Question("www.example"));
        Assert.Contains("every upstream failed", System.Text.Encoding.ASCII.GetString(reply), StringComparison.Ordinal);
    }

    [Fact]
    public async Task When_upstreams_fail_the_old_answer_is_given_and_marked()
    {
        bool fails = false;
        await using FakeUpstream upstream = new(question => [ReplyBuilder.Reply(question, 60, fails ? [] : ["192.0.2.1"], fails ? 2 : 0)]);
        await AskAsync(upstream, ReplyBuilder.Question("www.example"));

        fails = true;
        _clock.Advance(TimeSpan.FromSeconds(61));
        byte[] reply = await AskAsync(upstream, ReplyBuilder.Question("www.example"));
        Assert.Equal(30u, Assert.Single(ReplyBuilder.Ttls(reply))); // RFC 8767 §4
        Assert.Equal([0, 15, 0, 2, 0, 3], reply[^6..]); // RFC 8914 §4.4: stale answer
        Assert.Equal(2, upstream.Asked);

        // Upstreams that failed are left alone for a while (RFC 8767 §5), and an hour later the old answer is too old.
        await AskAsync(upstream, ReplyBuilder.Question("www.example"));
        Assert.Equal(2, upstream.Asked);
        _clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(2, (await AskAsync(upstream, ReplyBuilder.Question("www.example")))[3] & 15);
        Assert.Equal(2, _counts.Sum().StaleAnswers);
    }

    [Fact]
    public async Task A_flushed_name_is_asked_for_again()
    {
        await using FakeUpstream upstream = Upstream(60, "192.0.2.1");
        await AskAsync(upstream, ReplyBuilder.Question("www.example"));
        await AskAsync(upstream, ReplyBuilder.Question("xwww.example"));

        Assert.Equal(1, _forwarder.Cache.Flush("\u0003www\u0007example\0"u8.ToArray(), below: true));
        await AskAsync(upstream, ReplyBuilder.Question("www.example"));
        await AskAsync(upstream, ReplyBuilder.Question("xwww.example"));
        Assert.Equal(3, upstream.Asked);

        Assert.Equal(2, _forwarder.Cache.Flush("\u0007example\0"u8.ToArray(), below: true));
        Assert.Equal(0, _forwarder.Cache.SizeBytes);
    }

    [Fact]
    public async Task A_hit_allocates_nothing()
    {
        await using FakeUpstream upstream = Upstream(60, "192.0.2.1", "192.0.2.2");
        byte[] question = ReplyBuilder.Question("www.example");
        SandboxView view = new([], [upstream.Upstream]);
        await AskAsync(upstream, question);
        byte[] reply = new byte[512];
        long allocated = 0;
        for (uint i = 0; i < 20_000; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            Assert.True(_forwarder.TryAnswerFromCache(view, question, reply, isStream: false, i, out _));
            allocated += i < 10_000 ? 0 : GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.Equal(0, allocated);
    }

    private static FakeUpstream Upstream(uint ttl, params string[] addresses) =>
        new(question => [ReplyBuilder.Reply(question, ttl, addresses)]);

    private static async Task UntilAsync(Func<Task<bool>> isTrue)
    {
        for (int i = 0; i < 200 && !await isTrue(); i++)
        {
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }

        Assert.True(await isTrue());
    }

    private async Task<byte[]> AskAsync(FakeUpstream upstream, byte[] question, uint rotation = 0)
    {
        SandboxView view = new([], [upstream.Upstream]);
        byte[] reply = new byte[1232];
        if (_forwarder.TryAnswerFromCache(view, question, reply, isStream: false, rotation, out int length))
        {
            return reply[..length];
        }

        Assert.True(_forwarder.TryEnter(view));
        length = await _forwarder.AnswerAsync(view, question, reply, isStream: false);
        return reply[..length];
    }
}
