// SPDX-License-Identifier: Apache-2.0

using System.Net;
using Microsoft.Extensions.Time.Testing;
using Resolver.Core.Addressing;
using Resolver.Networking.Announcing;
using Xunit;

namespace Resolver.Networking.Tests.Announcing;

public sealed class AnnouncementTests
{
    private static readonly MacAddress Mac = MacAddress.Parse("02:42:ac:1e:00:09", "mac");

    private readonly FakeTimeProvider _time = new();
    private int _sent;
    private int _done;

    [Fact]
    public void An_ipv4_address_is_announced_as_rfc_5227_says()
    {
        Assert.Equal(
            "ffffffffffff" + "0242ac1e0009" + "0806" // to all, from the endpoint, ARP
            + "0001" + "0800" + "06" + "04" + "0001" // Ethernet, IPv4, their lengths, request
            + "0242ac1e0009" + "ac1e0009" // sender
            + "000000000000" + "ac1e0009", // target: the same address
            Hex(Assert.Single(Announcements.Of(Mac, [IPAddress.Parse("172.30.0.9")]))));
    }

    [Fact]
    public void An_ipv6_address_is_announced_as_rfc_4861_says()
    {
        byte[] frame = Assert.Single(Announcements.Of(Mac, [IPAddress.Parse("fd00:30::9")]));
        Assert.Equal(
            "333300000001" + "0242ac1e0009" + "86dd" // to all nodes, from the endpoint, IPv6
            + "60000000" + "0020" + "3a" + "ff" // version 6, length 32, ICMPv6, hop limit 255
            + "fd000030000000000000000000000009" + "ff020000000000000000000000000001"
            + "8800" + Hex(frame[56..58]) + "20000000" // neighbour advertisement, checksum (below), override
            + "fd000030000000000000000000000009" // target
            + "0201" + "0242ac1e0009", // target's link-layer address
            Hex(frame));

        // A sum over the pseudo header and the message is all ones when the checksum in it is right (RFC 1071).
        uint sum = 32 + 58;
        for (int i = 22; i < frame.Length; i += 2)
        {
            sum += (uint)((frame[i] << 8) | frame[i + 1]);
        }

        Assert.Equal(0xFFFFu, (sum & 0xFFFF) + (sum >> 16));
    }

    [Fact]
    public void It_is_said_as_often_as_was_asked_for_at_the_interval_that_was_asked_for()
    {
        using Announcement announcement = New(3);
        announcement.Start(TimeSpan.FromMilliseconds(100));
        List<int> sent = [];
        for (int i = 0; i < 6; i++)
        {
            _time.Advance(i == 0 ? TimeSpan.Zero : TimeSpan.FromMilliseconds(50));
            sent.Add(_sent);
        }

        Assert.Equal([1, 1, 2, 2, 3, 3], sent);
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal((3, 1), (_sent, _done));
    }

    [Fact]
    public void Nothing_is_said_about_an_endpoint_that_has_gone()
    {
        Announcement announcement = New(3);
        announcement.Start(TimeSpan.FromMilliseconds(100));
        _time.Advance(TimeSpan.Zero);
        announcement.Dispose();
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(1, _sent);
    }

    [Fact]
    public void Nothing_is_said_where_nobody_is_left_to_hear_it()
    {
        using Announcement announcement = New(3, isThere: false);
        announcement.Start(TimeSpan.FromMilliseconds(100));
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal((1, 1), (_sent, _done));
    }

    private Announcement New(int count, bool isThere = true) => new(
        [],
        count,
        _ =>
        {
            _sent++;
            return isThere;
        },
        _ => _done++,
        _time);

    private static string Hex(byte[] octets) => Convert.ToHexStringLower(octets);
}
