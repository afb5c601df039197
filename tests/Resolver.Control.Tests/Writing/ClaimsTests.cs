// SPDX-License-Identifier: Apache-2.0

using Resolver.Control.Changes;
using Resolver.Control.Writing;
using Resolver.Core.Names;
using Xunit;

namespace Resolver.Control.Tests.Writing;

public sealed class ClaimsTests
{
    private static readonly ObjectId Id = ObjectId.FromBytes(new byte[ObjectId.LengthBytes]);

    [Fact]
    public void Those_who_wait_are_let_in_one_by_one_until_one_claims_again()
    {
        Claims claims = new();
        claims.Claim([Id]);
        PreparedChange[] waiting = [Change(), Change(), Change()];
        foreach (PreparedChange change in waiting)
        {
            claims.Wait(Id, change);
        }

        List<PreparedChange> admitted = [];
        claims.Release([Id], change =>
        {
            admitted.Add(change);
            if (admitted.Count == 2)
            {
                claims.Claim([Id]);
            }
        });
        Assert.Equal(waiting[..2], admitted);
        Assert.True(claims.IsClaimed(Id));
        claims.Release([Id], admitted.Add);
        Assert.Equal(waiting, admitted);
        Assert.False(claims.IsClaimed(Id));
    }

    private static PreparedChange Change() => new(new RemoveSandbox("web"), WorldFacts.None);
}
