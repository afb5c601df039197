// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using System.Net;
using Microsoft.Extensions.Time.Testing;
using Resolver.Core.Networks;
using Resolver.Dns.Forwarding;
using Xunit;

namespace Resolver.Dns.Tests.Forwarding;

public sealed class UpstreamHealthTests
{
    private static readonly UpstreamServer First = Server("192.0.2.1");
    private static readonly UpstreamServer Second = Server("192.0.2.2");
    private static readonly UpstreamServer Third = Server("192.0.2.3");
    private static readonly ImmutableArray<UpstreamServer> All = [First, Second, Third];

    private readonly FakeTimeProvider _time = new();
    private readonly UpstreamHealth _health;

    public UpstreamHealthTests() => _health = new UpstreamHealth(_time);

    [Fact]
    public void Unknown_upstreams_keep_their_order_and_get_the_longest_patience()
    {
        UpstreamPlan plan = _health.Plan(All);

        Assert.Equal(All, plan.Order);
        Assert.Equal(3, plan.AliveCount);
        Assert.Null(plan.Probe);
        Assert.Equal(400, _health.PatienceFor(First).TotalMilliseconds);
    }

    [Theory]
    [InlineData(1, 50)] // 1 + 4 * 0.5, at least 50
    [InlineData(40, 120)] // 40 + 4 * 20
    [InlineData(300, 400)] // 300 + 4 * 150, at most 400
    public void Patience_follows_the_round_trip_within_bounds(int measured, int patience)
    {
        _health.Answered(First, Milliseconds(measured));

        Assert.Equal(patience, _health.PatienceFor(First).TotalMilliseconds);
    }

    [Fact]
    public void The_estimate_is_smoothed_as_in_RFC_6298()
    {
        RoundTripEstimate first = RoundTripEstimate.After(null, Milliseconds(80));
        RoundTripEstimate second = RoundTripEstimate.After(first, Milliseconds(160));

        Assert.Equal(new RoundTripEstimate(Milliseconds(80), Milliseconds(40)), first);
        Assert.Equal(new RoundTripEstimate(Milliseconds(90), Milliseconds(50)), second);
    }

    [Fact]
    public void One_that_is_late_lets_the_others_go_first_until_it_answers()
    {
        _health.Late(First, Now());

        Assert.Equal([Second, Third, First], _health.Plan(All).Order);
        Assert.Equal(3, _health.Plan(All).AliveCount);

        _health.Answered(First, Milliseconds(700));

        Assert.Equal(All, _health.Plan(All).Order);
    }

    [Fact]
    public void One_that_answered_others_meanwhile_is_neither_late_nor_timed_out()
    {
        long asked = Now();
        _time.Advance(Milliseconds(10));
        _health.Answered(First, Milliseconds(5));
        _time.Advance(Milliseconds(90));

        _health.Late(First, asked);
        _health.TimedOut(First, asked);
        _health.TimedOut(First, asked);

        Assert.Equal(All, _health.Plan(All).Order);
    }

    [Fact]
    public void Two_timeouts_in_a_row_make_it_down_and_last()
    {
        _health.TimedOut(First, Now());
        Assert.Equal(3, _health.Plan(All).AliveCount);

        _health.Late(Second, Now());
        _health.TimedOut(First, Now());
        UpstreamPlan plan = _health.Plan(All);

        Assert.Equal([Third, Second, First], plan.Order);
        Assert.Equal(2, plan.AliveCount);
    }

    [Fact]
    public void An_answer_between_two_timeouts_makes_them_no_row()
    {
        _health.TimedOut(First, Now());
        _health.Answered(First, null);
        _time.Advance(Milliseconds(1));
        _health.TimedOut(First, Now());

        Assert.Equal(3, _health.Plan(All).AliveCount);
    }

    [Fact]
    public void A_silent_one_is_probed_by_one_question_per_interval_from_1_to_30_seconds()
    {
        Die(First);
        List<int> probedAfter = [];
        int last = 0;
        for (int second = 0; second <= 125; second++)
        {
            if (Enumerable.Range(0, 10).Count(_ => _health.Plan(All).Probe == 2) is var probes and > 0)
            {
                Assert.Equal(1, probes);
                probedAfter.Add(second - last);
                last = second;
            }

            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal([1, 2, 4, 8, 16, 30, 30, 30], probedAfter);
    }

    [Fact]
    public void After_an_answer_the_back_off_starts_anew()
    {
        Die(First);
        for (int probes = 0; probes < 6; probes++)
        {
            _time.Advance(TimeSpan.FromSeconds(30));
            Assert.Equal(2, _health.Plan(All).Probe);
        }

        _health.Answered(First, Milliseconds(5));
        _time.Advance(Milliseconds(1));
        Assert.Equal(All, _health.Plan(All).Order);

        Die(First);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(2, _health.Plan(All).Probe);
    }

    [Fact]
    public void When_all_are_down_the_configured_order_stays()
    {
        Die(First);
        Die(Second);
        Die(Third);

        UpstreamPlan plan = _health.Plan(All);

        Assert.Equal(All, plan.Order);
        Assert.Equal(0, plan.AliveCount);
    }

    [Theory]
    [InlineData(20, 5, false)]
    [InlineData(104, 5, false)] // not by 100 ms
    [InlineData(250, 100, false)] // not three times
    [InlineData(110, 5, true)]
    [InlineData(350, 100, true)]
    public void The_first_keeps_its_place_unless_clearly_slower(int first, int second, bool givesWay)
    {
        _health.Answered(First, Milliseconds(first));
        _health.Answered(Second, Milliseconds(second));

        Assert.Equal(givesWay ? [Second, Third, First] : All, _health.Plan(All).Order);
    }

    [Fact]
    public void A_slow_one_is_measured_again_and_gets_its_place_back()
    {
        _time.Advance(TimeSpan.FromSeconds(10));
        _health.Answered(First, Milliseconds(150));
        _health.Answered(Second, Milliseconds(5));
        Assert.Equal(2, _health.Plan(All).Probe);

        _time.Advance(TimeSpan.FromSeconds(4));
        Assert.Null(_health.Plan(All).Probe);
        for (int probes = 0; probes < 3; probes++)
        {
            _time.Advance(TimeSpan.FromSeconds(5));
            Assert.Equal(2, _health.Plan(All).Probe);
            _health.Answered(First, Milliseconds(5));
        }

        Assert.Equal(All, _health.Plan(All).Order);
    }

    [Fact]
    public void Who_refuses_at_once_does_not_look_fast()
    {
        _health.Answered(First, Milliseconds(350));
        _health.Answered(Second, null);

        Assert.Equal(All, _health.Plan(All).Order);
    }

    [Fact]
    public void Memory_is_bounded_and_the_one_used_longest_ago_is_forgotten()
    {
        Die(First);
        for (int number = 0; number < UpstreamHealth.MaxRemembered; number++)
        {
            _time.Advance(Milliseconds(1));
            _health.Answered(Server("127.0.0.1", 1 + number), Milliseconds(1));
        }

        Assert.Equal(UpstreamHealth.MaxRemembered, _health.Count);
        Assert.Equal(3, _health.Plan(All).AliveCount);
        Assert.Equal(50, _health.PatienceFor(Server("127.0.0.1", 1)).TotalMilliseconds);
    }

    [Fact]
    public void One_loser_at_a_time_is_watched()
    {
        Assert.True(_health.TryWatch(First));
        Assert.False(_health.TryWatch(First));
        Assert.True(_health.TryWatch(Second));

        _health.EndWatch(First);

        Assert.True(_health.TryWatch(First));
    }

    private static UpstreamServer Server(string address, int port = 53) => new(new Upstream(new IPEndPoint(IPAddress.Parse(address), port)), null);

    private static TimeSpan Milliseconds(int count) => TimeSpan.FromMilliseconds(count);

    private long Now() => _time.GetTimestamp();

    private void Die(UpstreamServer upstream)
    {
        _health.TimedOut(upstream, Now());
        _health.TimedOut(upstream, Now());
    }
}
