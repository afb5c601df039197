// SPDX-License-Identifier: Apache-2.0

using System.Diagnostics;
using Microsoft.Extensions.Time.Testing;
using Resolver.Dns.Forwarding;
using Resolver.Dns.Serving;
using Xunit;

namespace Resolver.Dns.Tests.Forwarding;

public sealed class UpstreamRaceTests
{
    private const string Address = "192.0.2.1";

    private static readonly byte[] Question = [0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, (byte)'a', 0, 0, 1, 0, 1];
    private static readonly DnsServiceOptions Usual = new();

    private static readonly DnsServiceOptions Short = new()
    {
        UpstreamTimeout = TimeSpan.FromMilliseconds(100),
        ForwardingBudget = TimeSpan.FromMilliseconds(700),
    };

    private readonly UpstreamHealth _health = new(TimeProvider.System);

    [Fact]
    public async Task A_silent_first_upstream_delays_only_the_first_question()
    {
        await using FakeUpstream silent = FakeUpstream.Dead();
        await using FakeUpstream alive = Answering();

        Assert.InRange((await TimeAsync(silent, alive)).TotalSeconds, 0.2, 1);

        // So few that even at 400 ms each they end before the first question's timeout is counted.
        List<TimeSpan> following = [];
        for (int count = 0; count < 7; count++)
        {
            following.Add(await TimeAsync(silent, alive));
        }

        // 50 ms are promised; the machine may be busy.
        following.Sort();
        Assert.InRange(following[following.Count / 2].TotalMilliseconds, 0, 100);
    }

    [Fact]
    public async Task The_first_still_wins_after_the_second_was_asked()
    {
        using SemaphoreSlim secondAsked = new(0);
        await using FakeUpstream first = new(question => Wait(secondAsked) ? [FakeUpstream.Reply(question, Address)] : []);
        await using FakeUpstream second = new(_ => Release(secondAsked));

        Assert.NotNull(await RunAsync(Usual, first, second));
        Assert.Equal((1, 1), (first.Asked, second.Asked));
    }

    [Fact]
    public async Task Slow_rivals_that_lose_are_not_timed_out()
    {
        using SemaphoreSlim answer = new(0);
        await using FakeUpstream slow = new(question => Wait(answer) ? [FakeUpstream.Reply(question, Address)] : []);
        await using FakeUpstream quick = Answering();

        UpstreamRace lost = Race(Usual, slow, quick);
        Assert.NotNull(await lost.RunAsync(Question));
        Task settling = lost.DisposeAsync().AsTask();
        Assert.Equal([quick.Server, slow.Server], Plan(slow, quick).Order);

        answer.Release();
        await settling;

        // It answered after all: healthy, in its place or behind for its time alone.
        UpstreamPlan plan = Plan(slow, quick);
        Assert.Equal(2, plan.AliveCount);
        Assert.True(_health.PatienceFor(slow.Server) >= TimeSpan.FromMilliseconds(200));
    }

    [Fact]
    public async Task A_silent_loser_is_timed_out_when_its_time_is_over()
    {
        await using FakeUpstream silent = FakeUpstream.Dead();
        await using FakeUpstream alive = Answering();

        Assert.NotNull(await RunAsync(Short, silent, alive));
        Assert.Equal(2, Plan(silent, alive).AliveCount);
        Assert.Null(await RunAsync(Short, silent));

        Assert.Equal(1, Plan(silent, alive).AliveCount);
    }

    [Fact]
    public async Task A_question_to_silent_upstreams_only_times_each_out_once()
    {
        await using FakeUpstream first = FakeUpstream.Dead();
        await using FakeUpstream second = FakeUpstream.Dead();

        Assert.Null(await RunAsync(Short, first, second));
        Assert.Equal(2, Plan(first, second).AliveCount);
        Assert.Null(await RunAsync(Short, first, second));

        Assert.Equal(0, Plan(first, second).AliveCount);
    }

    [Fact]
    public async Task All_silent_ends_within_the_budget_whatever_is_known_of_them()
    {
        await using FakeUpstream first = FakeUpstream.Dead();
        await using FakeUpstream second = FakeUpstream.Dead();
        Die(_health, first);

        long start = Stopwatch.GetTimestamp();
        Assert.Null(await RunAsync(Usual, first, second));

        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 3, 4);
        Assert.InRange(first.Asked, 1, 6);
        Assert.InRange(second.Asked, 2, 6);
    }

    [Fact]
    public async Task An_error_without_the_question_fails_over_at_once()
    {
        await using FakeUpstream old = new(question => [[question[0], question[1], 0x80, 1, 0, 0, 0, 0, 0, 0, 0, 0]]);
        await using FakeUpstream alive = Answering();

        Assert.InRange((await TimeAsync(old, alive)).TotalMilliseconds, 0, 200);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task What_is_wrong_with_the_upstream_leads_to_the_next(int rcode)
    {
        await using FakeUpstream failing = new(question => [FakeUpstream.Reply(question, null, rcode)]);
        await using FakeUpstream alive = Answering();

        Assert.InRange((await TimeAsync(failing, alive)).TotalMilliseconds, 0, 200);
        Assert.Equal((1, 1), (failing.Asked, alive.Asked));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task No_data_and_no_name_are_final(int rcode)
    {
        await using FakeUpstream first = new(question => [FakeUpstream.Reply(question, null, rcode)]);
        await using FakeUpstream second = Answering();

        byte[]? reply = await RunAsync(Usual, first, second);

        Assert.Equal(rcode, reply![3] & 0xF);
        Assert.Equal(0, second.Asked);
    }

    [Fact]
    public async Task When_all_fail_the_last_error_is_returned_at_once()
    {
        await using FakeUpstream first = new(question => [FakeUpstream.Reply(question, null, rcode: 2)]);
        await using FakeUpstream second = new(question => [FakeUpstream.Reply(question, null, rcode: 5)]);

        byte[]? reply = await RunAsync(Usual, first, second);

        Assert.Equal(5, reply![3] & 0xF);
        Assert.Equal((1, 1), (first.Asked, second.Asked));
    }

    [Fact]
    public async Task A_lost_datagram_is_sent_again()
    {
        int count = 0;
        await using FakeUpstream lossy = new(question => count++ == 0 ? [] : [FakeUpstream.Reply(question, Address)]);

        Assert.NotNull(await RunAsync(Usual, lossy));
        Assert.Equal(2, lossy.Asked);
    }

    [Fact]
    public async Task One_that_is_down_gets_a_copy_when_its_back_off_is_over()
    {
        FakeTimeProvider time = new();
        UpstreamHealth health = new(time);
        await using FakeUpstream back = Answering();
        await using FakeUpstream alive = Answering();
        Die(health, back);

        Assert.NotNull(await RunAsync(health, Usual, back, alive));
        Assert.Equal((0, 1), (back.Asked, alive.Asked));

        time.Advance(TimeSpan.FromSeconds(1));
        Assert.NotNull(await RunAsync(health, Usual, back, alive));

        Assert.Equal((1, 2), (back.Asked, alive.Asked));
        Assert.Equal([back.Server, alive.Server], health.Plan([back.Server, alive.Server]).Order);
    }

    [Fact]
    public async Task One_that_is_down_is_asked_when_the_others_fail()
    {
        await using FakeUpstream back = Answering();
        await using FakeUpstream failing = new(question => [FakeUpstream.Reply(question, null, rcode: 2)]);
        Die(_health, back);

        Assert.InRange((await TimeAsync(back, failing)).TotalMilliseconds, 0, 200);
        Assert.Equal((1, 1), (back.Asked, failing.Asked));
    }

    [Fact]
    public async Task A_stop_is_no_timeout()
    {
        await using FakeUpstream silent = FakeUpstream.Dead();
        DnsServiceOptions options = Usual with { UpstreamTimeout = TimeSpan.Zero };
        for (int count = 0; count < 2; count++)
        {
            using CancellationTokenSource stop = new(TimeSpan.FromMilliseconds(50));
            await using UpstreamClient client = new(options, _health, TimeProvider.System);
            await using UpstreamRace race = new([silent.Server], client, _health, options, TimeProvider.System, stop.Token);
            Assert.Null(await race.RunAsync(Question));
        }

        Assert.Equal(1, Plan(silent).AliveCount);
    }

    private static FakeUpstream Answering() => new(question => [FakeUpstream.Reply(question, Address)]);

    private static bool Wait(SemaphoreSlim gate) => gate.Wait(TimeSpan.FromSeconds(3));

    private static byte[][] Release(SemaphoreSlim gate)
    {
        gate.Release();
        return [];
    }

    private static void Die(UpstreamHealth health, FakeUpstream upstream)
    {
        health.TimedOut(upstream.Server, long.MaxValue);
        health.TimedOut(upstream.Server, long.MaxValue);
    }

    private static async Task<byte[]?> RunAsync(UpstreamHealth health, DnsServiceOptions options, params FakeUpstream[] upstreams)
    {
        await using UpstreamRace race = Race(health, options, upstreams);
        return await race.RunAsync(Question);
    }

    private static UpstreamRace Race(UpstreamHealth health, DnsServiceOptions options, FakeUpstream[] upstreams) =>
        new([.. upstreams.Select(upstream => upstream.Server)], new UpstreamClient(options, health, TimeProvider.System), health, options, TimeProvider.System, CancellationToken.None);

    private UpstreamRace Race(DnsServiceOptions options, params FakeUpstream[] upstreams) => Race(_health, options, upstreams);

    private UpstreamPlan Plan(params FakeUpstream[] upstreams) => _health.Plan([.. upstreams.Select(upstream => upstream.Server)]);

    private Task<byte[]?> RunAsync(DnsServiceOptions options, params FakeUpstream[] upstreams) => RunAsync(_health, options, upstreams);

    /// <summary>How long the answer takes, without what goes on behind it.</summary>
    private async Task<TimeSpan> TimeAsync(params FakeUpstream[] upstreams)
    {
        UpstreamRace race = Race(Usual, upstreams);
        long start = Stopwatch.GetTimestamp();
        byte[]? reply = await race.RunAsync(Question);
        TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
        _ = race.DisposeAsync().AsTask();
        Assert.NotNull(reply);
        Assert.Equal(0, reply[3] & 0xF);
        return elapsed;
    }
}
