// SPDX-License-Identifier: Apache-2.0

using Resolver.Networking.Coexistence;
using Xunit;

namespace Resolver.Networking.Tests.Coexistence;

/// <summary>What nft prints of chains, as nft 1.0.6 prints it.</summary>
public sealed class ForwardChainsTests
{
    [Fact]
    public void Base_chains_of_others_at_the_forward_hook_are_found_with_their_policy()
    {
        const string Listed = """
            table ip filter {
            	chain FORWARD {
            		type filter hook forward priority filter; policy drop;
            	}
            	chain DOCKER-USER {
            	}
            	chain INPUT {
            		type filter hook input priority filter; policy drop;
            	}
            }
            table inet resolver {
            	chain forward {
            		type filter hook forward priority filter; policy drop;
            	}
            }
            table inet firewalld {
            	chain filter_FORWARD {
            		type filter hook forward priority filter + 10; policy accept;
            	}
            }
            table bridge other {
            	chain forward {
            		type filter hook forward priority filter; policy drop;
            	}
            }
            """;
        Assert.Equal([("ip filter", "FORWARD", true), ("inet firewalld", "filter_FORWARD", false)], ForwardChains.In(Listed));
    }

    [Theory]
    [InlineData("reject with icmpx admin-prohibited", "reject with icmpx admin-prohibited")]
    [InlineData("counter packets 3 bytes 252 drop", "drop")]
    [InlineData("ip saddr 192.0.2.1 drop", null)]
    [InlineData("jump others", null)]
    public void A_last_rule_without_a_condition_drops_whatever_comes(string rule, string? how)
    {
        string listed = "table inet fence {\n\tchain gate {\n\t\ttype filter hook forward priority 10; policy accept;\n\t\tct state established accept\n\t\t" + rule + "\n\t}\n}\n";
        Assert.Equal(how, ForwardChains.FinalDrop(listed));
    }

    [Fact]
    public void A_chain_without_rules_drops_nothing() =>
        Assert.Null(ForwardChains.FinalDrop("table inet fence {\n\tchain gate {\n\t\ttype filter hook forward priority 10; policy accept;\n\t}\n}\n"));
}
