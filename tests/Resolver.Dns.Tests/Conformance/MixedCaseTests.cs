// SPDX-License-Identifier: Apache-2.0

using System.Text;
using Resolver.Dns.Serving;
using Resolver.Dns.Tests.Caching;
using Resolver.Dns.Tests.Forwarding;
using Xunit;

namespace Resolver.Dns.Tests.Conformance;

/// <summary>The mixed case of questions (draft-vixie-dnsext-dns0x20) is between us and the upstream: no client sees it.</summary>
public sealed class MixedCaseTests : IAsyncDisposable
{
    private readonly AskedForwarder _forwarder = new(new DnsServiceOptions { RandomizesCase = true });

    public ValueTask DisposeAsync() => _forwarder.DisposeAsync();

    [Theory]
    [InlineData(0)] // the whole name as owner
    [InlineData(15)] // from a label on: abcdefghijklmn is 14 long
    public async Task A_client_sees_its_own_case_though_the_upstream_does_not_compress(int from)
    {
        List<string> asked = [];
        await using FakeUpstream upstream = new(question =>
        {
            byte[] name = question[12..^15];
            asked.Add(Encoding.ASCII.GetString(name));
            return [[.. Hex.Reply(question, "0001 0000 0000", ""), .. name[from..], .. Hex.Bytes("0001 0001 0000003C 0004 C0000201")]];
        });
        const string Name = "ABCdefghijklmn.opqrstuvwxyz.example";

        byte[] first = await _forwarder.AskAsync(ReplyBuilder.Question(Name, optFlags: null), upstream);
        byte[] cached = await _forwarder.AskAsync(ReplyBuilder.Question(Name.ToLowerInvariant(), optFlags: null), upstream);

        byte[] question = ReplyBuilder.Question(Name, optFlags: null);
        byte[] owner = question[(12 + from)..^4];
        Assert.NotEqual(Encoding.ASCII.GetString(question[12..^4]), Assert.Single(asked));
        Assert.Equal([.. question[12..], .. owner], first[12..(question.Length + owner.Length)]);
        Assert.Equal(ReplyBuilder.Question(Name.ToLowerInvariant(), optFlags: null)[12..], cached[12..question.Length]);
        Assert.Equal(owner, cached[question.Length..(question.Length + owner.Length)]);
    }

    [Fact]
    public async Task An_owner_that_is_another_name_keeps_its_case()
    {
        await using FakeUpstream upstream = new(question =>
            [Hex.Reply(question, "0001 0000 0000", "03 'Abc' 07 'EXAMPLE' 00 0001 0001 0000003C 0004 C0000201")]);

        byte[] reply = await _forwarder.AskAsync(ReplyBuilder.Question("www.example", optFlags: null), upstream);

        Assert.Equal(Hex.Bytes("03 'Abc' 07 'EXAMPLE' 00"), reply[29..42]);
    }
}
