// SPDX-License-Identifier: Apache-2.0

using System.Text;
using Resolver.Linux.Nftables.Batches;

namespace Resolver.Networking.Firewall;

/// <summary>Elements as text for libnftables, where they go together with rules. Pure.</summary>
internal static class ElementText
{
    /// <summary>Commands that add them, one for each set.</summary>
    internal static string Add(IEnumerable<SetElement> elements)
    {
        StringBuilder text = new();
        foreach (IGrouping<NftablesSet, SetElement> set in elements.GroupBy(element => element.Set))
        {
            text.Append("add element ").Append(set.Key).Append(" { ").AppendJoin(", ", set.Select(element => element.Text)).Append(" }\n");
        }

        return text.ToString();
    }
}
