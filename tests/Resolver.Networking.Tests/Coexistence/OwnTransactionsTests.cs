// SPDX-License-Identifier: Apache-2.0

using Resolver.Networking.Applying;
using Xunit;

namespace Resolver.Networking.Tests.Coexistence;

public sealed class OwnTransactionsTests
{
    private const uint Port = 4711;
    private const uint OtherPort = 4712;

    private readonly OwnTransactions _own = new(Port);

    [Fact]
    public void What_came_by_our_port_is_ours_and_what_came_by_another_is_by_its_number()
    {
        _own.NoteRun(7, 8, isRebuild: false);
        Assert.True(_own.IsOurs(Port, 3));
        Assert.True(_own.IsOurs(OtherPort, 8));
        Assert.False(_own.IsOurs(OtherPort, 7));
        Assert.False(_own.IsOurs(OtherPort, 9));
    }

    [Fact]
    public void One_that_somebody_came_in_between_counts_as_theirs()
    {
        _own.NoteRun(7, 9, isRebuild: true);
        Assert.False(_own.IsOurs(OtherPort, 8));
        Assert.False(_own.IsOurs(OtherPort, 9));
        Assert.False(_own.IsMadeGood(8));
    }

    [Fact]
    public void A_rebuild_makes_good_what_was_done_before_and_not_what_comes_after()
    {
        Assert.False(_own.IsMadeGood(0));
        _own.NoteRun(7, 8, isRebuild: true);
        _own.NoteRun(11, 12, isRebuild: false);
        Assert.True(_own.IsMadeGood(5));
        Assert.False(_own.IsMadeGood(9));
    }

    [Fact]
    public void Numbers_begin_again_at_their_end()
    {
        _own.NoteRun(uint.MaxValue, 0, isRebuild: true);
        Assert.True(_own.IsMadeGood(uint.MaxValue - 3));
        Assert.False(_own.IsMadeGood(1));
    }

    [Fact]
    public void The_last_is_ours_as_long_as_nobody_else_counts_one_up()
    {
        _own.NoteRun(7, 8, isRebuild: true);
        _own.NoteCommit();
        _own.NoteCommit();
        Assert.True(_own.IsLast(10));
        Assert.False(_own.IsLast(11));
    }
}
