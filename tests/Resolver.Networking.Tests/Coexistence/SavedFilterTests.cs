// SPDX-License-Identifier: Apache-2.0

using Resolver.Networking.Coexistence;
using Resolver.Networking.Firewall;
using Xunit;

namespace Resolver.Networking.Tests.Coexistence;

/// <summary>What iptables-legacy-save prints, as version 1.8.9 prints it.</summary>
public sealed class SavedFilterTests
{
    [Theory]
    [InlineData("DROP", "-A FORWARD -i lo -j ACCEPT", "policy drop")]
    [InlineData("ACCEPT", "-A FORWARD -j DROP", "DROP")]
    [InlineData("ACCEPT", "-A FORWARD -m comment --comment \"the end\" -j REJECT --reject-with icmp-port-unreachable", "REJECT --reject-with icmp-port-unreachable")]
    [InlineData("ACCEPT", "-A FORWARD -s 192.0.2.1/32 -j DROP", null)]
    [InlineData("ACCEPT", "-A FORWARD -j DROP\n-A FORWARD -j others", null)]
    [InlineData("ACCEPT", "-A INPUT -j DROP", null)]
    public void A_policy_or_a_last_rule_without_a_condition_drops_whatever_comes(string policy, string rules, string? how) =>
        Assert.Equal(how, Saved(policy, rules).Drop);

    [Fact]
    public void Rules_of_ours_are_known_by_their_text_their_order_and_that_there_are_no_others()
    {
        string[] rules = [.. DockerUser.Rules.Select(rule => $"-A DOCKER-USER {string.Join(' ', rule)}")];
        Assert.True(Saved("DROP", string.Join('\n', [.. rules, "-A DOCKER-USER -j RETURN"])).Has(DockerUser.Rules));
        Assert.False(Saved("DROP", string.Join('\n', rules.Reverse())).Has(DockerUser.Rules));
        Assert.False(Saved("DROP", string.Join('\n', rules[1..])).Has(DockerUser.Rules));
        Assert.False(Saved("DROP", string.Join('\n', rules)).Has(DockerUser.StrictRules));
        Assert.False(Saved("DROP", string.Join('\n', [.. rules, rules[0]])).Has(DockerUser.Rules));
    }

    [Fact]
    public void What_comes_from_our_bridges_and_what_goes_to_them_must_both_pass()
    {
        const string From = "-A gate -m devgroup --src-group 0x52530010/0xfffffff0 -j ACCEPT";
        const string To = "-A gate -m devgroup --dst-group 0x52530010/0xfffffff0 -j ACCEPT";
        Assert.True(Saved("DROP", $"{From}\n{To}").LetsOursPass);
        Assert.False(Saved("DROP", From).LetsOursPass);
        Assert.False(Saved("DROP", $"{From}\n{To.Replace("ACCEPT", "DROP", StringComparison.Ordinal)}").LetsOursPass);
        Assert.True(ForwardChains.LetsOursPass("iifgroup and 0xfffffff0 == 0x52530010 counter packets 1 bytes 2 accept\noifgroup and 0xfffffff0 == 0x52530010 accept"));
        Assert.False(ForwardChains.LetsOursPass("iifgroup and 0xfffffff0 == 0x52530010 accept\noifgroup and 0xfffffff0 == 0x52530010 drop"));
    }

    [Fact]
    public void Docker_is_known_by_its_chain()
    {
        Assert.True(new SavedFilter("*filter\n:FORWARD ACCEPT [0:0]\n:DOCKER-USER - [0:0]\nCOMMIT\n") is { HasDockerUser: true, AcceptsByPolicy: true });
        Assert.True(new SavedFilter("*filter\n:FORWARD DROP [0:0]\n-A FORWARD -j DOCKER-USER-2\nCOMMIT\n") is { HasDockerUser: false, AcceptsByPolicy: false });
    }

    private static SavedFilter Saved(string policy, string rules) =>
        new($"# Generated\n*filter\n:INPUT ACCEPT [0:0]\n:FORWARD {policy} [0:0]\n:OUTPUT ACCEPT [0:0]\n:DOCKER-USER - [0:0]\n{rules}\nCOMMIT\n# Completed\n");
}
