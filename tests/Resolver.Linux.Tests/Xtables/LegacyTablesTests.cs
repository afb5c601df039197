// SPDX-License-Identifier: Apache-2.0

using Resolver.Linux.Namespaces;
using Resolver.Linux.Xtables;
using Xunit;

namespace Resolver.Linux.Tests.Xtables;

public sealed class LegacyTablesTests
{
    [Theory]
    [InlineData("iptables-legacy", false)]
    [InlineData("ip6tables-legacy", true)]
    public void A_table_is_in_use_where_somebody_made_it_and_asking_makes_none(string program, bool isIPv6)
    {
        using NetworkNamespace netns = NetworkNamespace.Create();
        using NetworkNamespace other = NetworkNamespace.Create();
        Assert.False(IsInUse(netns, "filter", isIPv6));
        Assert.False(IsInUse(netns, "filter", isIPv6));
        Shell.In(netns, program, "-t", "filter", "-L");
        Assert.True(IsInUse(netns, "filter", isIPv6));
        Assert.False(IsInUse(netns, "filter", !isIPv6));
        Assert.False(IsInUse(netns, "nat", isIPv6));
        Assert.False(IsInUse(other, "filter", isIPv6));
    }

    private static bool IsInUse(NetworkNamespace netns, string table, bool isIPv6) => NamespaceThread.Run(netns, () => LegacyTables.IsInUse(table, isIPv6));
}
