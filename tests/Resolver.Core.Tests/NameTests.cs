// SPDX-License-Identifier: Apache-2.0

using Resolver.Core.Failures;
using Resolver.Core.Names;
using Xunit;

namespace Resolver.Core.Tests;

public sealed class NameTests
{
    [Theory]
    [InlineData("web")]
    [InlineData("WEB-1")]
    [InlineData("a.b_c")]
    [InlineData("0")]
    public void Docker_names_are_object_names(string text)
    {
        Assert.Equal(text, ObjectName.Parse(text, "name").Value);
        Assert.Equal(text, ObjectName.Parse(text, "name").ToDnsName().Value);
    }

    [Theory]
    [InlineData("", "1 to 63 characters")]
    [InlineData("-web", "starts with a letter or a digit")]
    [InlineData("a b", "' ' can't be in a name")]
    [InlineData("a/../b", "'/' can't be in a name")]
    [InlineData("a\nb", "'\\u000a' can't be in a name")]
    [InlineData("wéb", "'\\u00e9' can't be in a name")]
    [InlineData("a..b", "no empty part")]
    [InlineData("a.", "no empty part")]
    public void What_is_no_name_is_refused_with_the_reason(string text, string reason)
    {
        RefusedException refused = Assert.Throws<RefusedException>(() => ObjectName.Parse(text, "name"));
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
        Assert.False(ObjectName.TryParse(text, out _));
    }

    [Fact]
    public void A_name_of_64_characters_is_too_long()
    {
        Assert.True(ObjectName.TryParse(new string('a', 63), out _));
        Assert.False(ObjectName.TryParse(new string('a', 64), out _));
    }

    [Fact]
    public void Names_that_differ_in_case_are_equal()
    {
        Assert.Equal(ObjectName.Parse("Web", "a"), ObjectName.Parse("wEB", "b"));
        Assert.Equal(ObjectName.Parse("Web", "a").GetHashCode(), ObjectName.Parse("wEB", "b").GetHashCode());
        Assert.Equal(DnsName.Parse("Db.App", "a"), DnsName.Parse("dB.aPP.", "b"));
        Assert.Equal(DnsName.Parse("Db.App", "a").GetHashCode(), DnsName.Parse("dB.aPP", "b").GetHashCode());
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("a..b")]
    [InlineData("a b")]
    [InlineData("ä")]
    [InlineData("a.b..")]
    public void What_is_no_dns_name_is_refused(string text)
    {
        Assert.Throws<RefusedException>(() => DnsName.Parse(text, "alias"));
        Assert.False(DnsName.TryParse(text, out _));
    }

    [Fact]
    public void Labels_end_at_63_and_names_at_253()
    {
        string label = new('x', 63);
        Assert.True(DnsName.TryParse(label, out _));
        Assert.False(DnsName.TryParse(label + "x", out _));
        string longest = $"{label}.{label}.{label}.{new string('y', 61)}";
        Assert.Equal(253, longest.Length);
        Assert.True(DnsName.TryParse(longest, out DnsName? name));
        Assert.False(DnsName.TryParse(longest + "y", out _));
        Assert.Null(name.Append(DnsName.Parse("app", "suffix")));
    }

    [Fact]
    public void A_suffix_is_appended_with_a_dot()
    {
        Assert.Equal("db.app", DnsName.Parse("db", "name").Append(DnsName.Parse("app", "suffix"))?.Value);
    }

    [Fact]
    public void An_id_keeps_its_32_octets_and_shows_12_digits()
    {
        byte[] octets = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
        ObjectId id = ObjectId.FromBytes(octets);
        Assert.Equal("000102030405", id.ShortId);
        Assert.True(ObjectId.TryParse(id.Value, out ObjectId again));
        Assert.Equal(id, again);
        Assert.False(ObjectId.TryParse(id.Value.ToUpperInvariant(), out _));
        Assert.False(ObjectId.TryParse(id.ShortId, out _));
    }

    [Theory]
    [InlineData("eth0", true)]
    [InlineData("ve0123456789abc", true)]
    [InlineData("ve0123456789abcd", false)]
    [InlineData("", false)]
    [InlineData(".", false)]
    [InlineData("..", false)]
    [InlineData("a/b", false)]
    [InlineData("a b", false)]
    [InlineData("a\"b", false)]
    [InlineData("a:b", false)]
    public void Interface_names_are_what_kernel_and_nftables_take(string text, bool valid)
    {
        Assert.Equal(valid, InterfaceName.TryParse(text, out _));
    }

    [Fact]
    public void Quoting_makes_hostile_text_one_short_printable_line()
    {
        string quoted = Printable.Quote("\u001b[31m\n" + new string('a', 500));
        Assert.StartsWith("\\u001b[31m\\u000a", quoted, StringComparison.Ordinal);
        Assert.True(quoted.Length < 150);
    }
}
