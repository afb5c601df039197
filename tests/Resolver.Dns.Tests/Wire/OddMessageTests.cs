// SPDX-License-Identifier: Apache-2.0

using System.Net;
using Resolver.Core.Names;
using Resolver.Dns.Answering;
using Resolver.Dns.Tests.Answering;
using Resolver.Dns.Wire;
using Resolver.Dns.Zones;
using Xunit;
using Zone = Resolver.Dns.Zones.Zone;

namespace Resolver.Dns.Tests.Wire;

/// <summary>What the libraries of the property tests can't write or read, octet by octet.</summary>
public sealed class OddMessageTests
{
    [Theory]
    [InlineData("03 00 2E 20 00")] // NUL, dot and space in a label
    [InlineData("02 C3 A9 03 FF FE 80 00")] // UTF-8, and what is none
    [InlineData("00")] // the root
    [InlineData("02 58 79 00")]
    public void Any_octet_may_be_in_a_label_and_comes_back(string hex)
    {
        byte[] name = Bytes(hex);
        byte[] message = [0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, .. name, 0, 16, 0, 1];
        Question question = default;
        Assert.Equal(QuestionProblem.None, question.Parse(message));
        Assert.True(question.Name.SequenceEqual(name));

        Span<byte> reply = new byte[512];
        ForwardedMessages.WriteServerFailure(message, 0, [], reply, out int length);
        Assert.True(reply[12..length].SequenceEqual(message.AsSpan(12)));
    }

    [Fact]
    public void A_reply_of_more_than_16_KiB_is_whole_for_its_pointers_lead_to_the_question()
    {
        Zone zone = new(DnsName.Parse("app", "origin"), [], TimeSpan.FromSeconds(5));
        IPAddress[] addresses = [.. Enumerable.Range(0, 3000).Select(i => new IPAddress([10, 1, (byte)(i >> 8), (byte)i]))];
        zone.Apply(new ZoneDelta([new(DnsName.Parse("many", "name"), [.. addresses])], []));
        byte[] reply = AskedView.Ask([0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 4, .. "many\0"u8, 0, 1, 0, 1], isStream: true, view: new([zone], []))!;

        Assert.True(reply.Length > 3000 * 16);
        Assert.Equal(addresses, ArsoftCodec.Parse(reply).AnswerRecords.Cast<ARSoft.Tools.Net.Dns.ARecord>().Select(record => record.Address));
    }

    [Theory]
    [InlineData(127, true)]
    [InlineData(128, false)]
    public void A_name_leads_through_as_many_pointers_as_it_can_use(int pointers, bool isRead)
    {
        // header | root | pointers, each to the octets before it
        byte[] message = [.. new byte[12], 0, .. Enumerable.Range(0, pointers).SelectMany(i => Pointer(i == 0 ? 12 : 13 + (2 * (i - 1))))];
        Assert.Equal(isRead, WireNames.TryPass(message, message.Length - 2, out int end));
        Assert.True(!isRead || end == message.Length);
    }

    [Fact]
    public void What_a_pointer_leads_to_ends_in_front_of_it()
    {
        // header | 01 | C00C as the owner: a label whose octet is the pointer's own first, and so on behind it
        byte[] message = [.. new byte[12], 1, 0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 0];
        Assert.False(WireNames.TryPass(message, 13, out _));
    }

    private static byte[] Pointer(int target) => [(byte)(0xC0 | (target >> 8)), (byte)target];

    private static byte[] Bytes(string hex) => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
}
