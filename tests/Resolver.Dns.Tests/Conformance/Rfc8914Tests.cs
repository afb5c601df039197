// SPDX-License-Identifier: Apache-2.0

using Resolver.Dns.Forwarding;
using Resolver.Dns.Tests.Answering;
using Resolver.Dns.Tests.Caching;
using Resolver.Dns.Tests.Forwarding;
using Xunit;

namespace Resolver.Dns.Tests.Conformance;

/// <summary>Why there is no better answer, for those who can read it (RFC 8914).</summary>
public sealed class Rfc8914Tests : IAsyncDisposable
{
    private const int Other = 0;
    private const int StaleAnswer = 3;
    private const int CachedError = 13;
    private const int StaleNxDomain = 19;
    private const int NotSupported = 21;
    private const int NoReachableAuthority = 22;

    private readonly AskedForwarder _forwarder = new();

    public ValueTask DisposeAsync() => _forwarder.DisposeAsync();

    [Fact]
    public async Task No_upstream_is_no_reachable_authority()
    {
        byte[] reply = await _forwarder.AskAsync(ReplyBuilder.Question("www.example"));

        Assert.Equal((2, NoReachableAuthority), (AskedForwarder.Rcode(reply), AskedForwarder.InfoCode(reply)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task Upstreams_that_fail_are_none_and_remembered_as_such_only_if_they_failed_at_the_name(int rcode)
    {
        await using FakeUpstream upstream = new(question => [FakeUpstream.Reply(question, null, rcode)]);

        byte[] first = await _forwarder.AskAsync(ReplyBuilder.Question("www.example"), upstream);
        Assert.Equal((2, NoReachableAuthority), (AskedForwarder.Rcode(first), AskedForwarder.InfoCode(first)));

        // RFC 2308 §7.1; FORMERR, NOTIMP and REFUSED say nothing about the name.
        byte[] second = await _forwarder.AskAsync(ReplyBuilder.Question("www.example"), upstream);
        Assert.Equal((2, rcode == 2 ? CachedError : NoReachableAuthority), (AskedForwarder.Rcode(second), AskedForwarder.InfoCode(second)));
    }

    [Fact]
    public async Task Silence_is_no_reachable_authority_and_then_a_cached_error()
    {
        await using FakeUpstream dead = FakeUpstream.Dead();

        (byte[] first, _) = await _forwarder.AskWhileTimePassesAsync(ReplyBuilder.Question("www.example"), dead);
        byte[] second = await _forwarder.AskAsync(ReplyBuilder.Question("www.example"), dead);

        Assert.Equal((2, NoReachableAuthority), (AskedForwarder.Rcode(first), AskedForwarder.InfoCode(first)));
        Assert.Equal((2, CachedError), (AskedForwarder.Rcode(second), AskedForwarder.InfoCode(second)));
    }

    [Theory]
    [InlineData(0, StaleAnswer)]
    [InlineData(3, StaleNxDomain)]
    public async Task What_is_over_says_so(int rcode, int infoCode)
    {
        bool fails = false;
        await using FakeUpstream upstream = new(question => [ReplyBuilder.Reply(question, 60, [], fails ? 2 : rcode, soaMinimum: fails ? null : 60)]);
        await _forwarder.AskAsync(ReplyBuilder.Question("www.example"), upstream);
        fails = true;
        _forwarder.Clock.Advance(TimeSpan.FromSeconds(61));

        byte[] reply = await _forwarder.AskAsync(ReplyBuilder.Question("www.example"), upstream);

        Assert.Equal((rcode, infoCode), (AskedForwarder.Rcode(reply), AskedForwarder.InfoCode(reply)));
    }

    [Theory]
    [InlineData("wwwww.example", StaleAnswer)] // 1,232 octets, which is what the client takes
    [InlineData("wwwwww.example", null)]
    public async Task The_reason_is_left_out_before_any_of_the_answer_is(string name, int? infoCode)
    {
        const int Answers = 74;
        bool fails = false;
        string[] addresses = [.. Enumerable.Range(1, Answers).Select(host => $"192.0.2.{host}")];
        await using FakeUpstream upstream = new(question => [ReplyBuilder.Reply(question, 60, fails ? [] : addresses, fails ? 2 : 0)]);
        await _forwarder.AskAsync(ReplyBuilder.Question(name), upstream);
        fails = true;
        _forwarder.Clock.Advance(TimeSpan.FromSeconds(61));

        byte[] reply = await _forwarder.AskAsync(ReplyBuilder.Question(name), upstream);

        Assert.Equal((Answers, infoCode), (ReplyBuilder.LastOctets(reply).Length, AskedForwarder.InfoCode(reply)));
        Assert.Equal(0, reply[2] & 2); // TC
    }

    [Fact]
    public void Too_many_questions_are_another_error_and_no_refusal()
    {
        // REFUSED would make musl wait for five seconds.
        byte[] reply = new byte[512];
        Forwarder.RefuseBusy(ReplyBuilder.Question("www.example"), reply, out int length);

        Assert.Equal((2, Other), (AskedForwarder.Rcode(reply), AskedForwarder.InfoCode(reply[..length])));
    }

    [Theory]
    [InlineData("03 'www' 00 0001 0003")] // class CHAOS
    [InlineData("03 'www' 00 00FC 0001")] // AXFR
    public void What_is_not_done_here_is_not_supported(string question) =>
        Assert.Equal(NotSupported, AskedForwarder.InfoCode(AskedView.Ask(Hex.Bytes("1234 0100 0001 0000 0000 0001" + question + "00 0029 04D0 00000000 0000"))!));

    [Theory]
    [InlineData("db")]
    [InlineData("nobody")]
    public void A_good_answer_has_nothing_to_explain(string name) => Assert.Null(AskedForwarder.InfoCode(AskedView.Ask(ReplyBuilder.Question(name))!));

    [Fact]
    public async Task Who_sent_no_opt_is_told_nothing()
    {
        byte[] question = ReplyBuilder.Question("www.example", optFlags: null);
        byte[] reply = await _forwarder.AskAsync(question);

        Assert.Equal(question[12..], reply[12..]);
        Assert.Equal((2, 0), (AskedForwarder.Rcode(reply), reply[11]));
    }
}
