// SPDX-License-Identifier: Apache-2.0

using Microsoft.Extensions.Time.Testing;
using Resolver.Control.Recovery;
using Xunit;

namespace Resolver.Control.Tests.Recovery;

public sealed class RepairPaceTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly RepairPace _pace;

    public RepairPaceTests()
    {
        _pace = new RepairPace(_clock);
    }

    [Fact]
    public void Three_repairs_are_made_at_once_and_later_ones_after_a_pause_that_doubles_up_to_half_a_minute()
    {
        double[] pauses = [.. Enumerable.Range(0, 12).Select(_ => Repair())];
        Assert.Equal([0, 0, 0, 0.5, 1, 2, 4, 8, 16, 30, 30, 30], pauses);
        Assert.Equal(12, _pace.Number);
    }

    [Fact]
    public void Half_a_minute_of_quiet_after_a_repair_forgets_those_before()
    {
        for (int i = 0; i < 8; i++)
        {
            Repair();
        }

        _clock.Advance(TimeSpan.FromSeconds(29));
        Assert.False(_pace.IsQuiet);
        Assert.Equal(16, Repair());
        _clock.Advance(TimeSpan.FromSeconds(31));
        Assert.True(_pace.IsQuiet);
        Assert.Equal(0, Repair());
        Assert.Equal(1, _pace.Number);
    }

    private double Repair()
    {
        TimeSpan pause = _pace.Next();
        _clock.Advance(pause);
        _pace.Done();
        return pause.TotalSeconds;
    }
}
