// SPDX-License-Identifier: Apache-2.0

using Resolver.Dns.Caching;
using Resolver.Dns.Forwarding;
using Resolver.Dns.Wire;
using Xunit;

namespace Resolver.Dns.Tests.Caching;

/// <summary>Names that lead into what changes while a reply is kept. Hex: RRs behind the question, which ends at octet 27 (0x1B).</summary>
public sealed class CachedNameTests
{
    private const string A60 = " 0001 0001 0000003C 0004 ";

    [Theory]
    [InlineData(true, 2, "C00C" + A60 + "C0000201 C00C" + A60 + "C0000202")]
    [InlineData(true, 2, "C00C 0005 0001 0000003C 0004 0161 C00C C027" + A60 + "C0000202")] // an alias, and the address of its target
    [InlineData(false, 2, "C00C 0001 0001 01610000 0004 C0000201 C021" + A60 + "C0000202")] // an owner in a TTL
    [InlineData(false, 2, "C00C" + A60 + "01610000 C00C" + A60 + "01620000 C027 0002 0001 0000003C 0002 C00C", 1)] // an owner in an address that moves
    [InlineData(false, 2, "C00C 0001 0001 01610000 0004 C0000201 C00C 0005 0001 0000003C 0002 C021")] // an alias in a TTL
    public void Only_what_stays_the_same_is_kept(bool isKept, byte answers, string hex, byte authorities = 0)
    {
        byte[] message = ReplyBuilder.Question("w.example", type: 1, optFlags: null);
        byte[] reply = [.. message, .. Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal))];
        (reply[2], reply[7], reply[9]) = (0x81, answers, authorities);
        Question question = default;
        Assert.Equal(QuestionProblem.None, question.Parse(message));
        byte[] key = new byte[CacheKey.MaxLengthBytes];
        key = key[..CacheKey.Write(message, in question, UpstreamSet.None, null, key)];

        Assert.Equal(isKept, CachedReply.TryMake(key, question.Type, question.End, reply, 0) is not null);
    }
}
