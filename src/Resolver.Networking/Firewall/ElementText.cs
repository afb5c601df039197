// SPDX-License-Identifier: Apache-2.0

using System.Text;
using Resolver.Linux.Nftables.Batches;

namespace Resolver.Networking.Firewall;

/// <summary>Elements as text for libnftables, where they go together with rules or are looked for. Pure.</summary>
internal static class ElementText
{
    /// <summary>One command for each set.</summary>
    /// <param name="verb">add, delete or get.</param>
    /// <param name="elements">The elements. A map's is deleted and found by its key, but may be written whole.</param>
    internal static string Write(string verb, IEnumerable<SetElement> elements)
    {
        StringBuilder text = new();
        foreach (IGrouping<NftablesSet, SetElement> set in elements.GroupBy(element => element.Set))
        {
            text.Append(verb).Append(" element ").Append(set.Key).Append(" { ").AppendJoin(", ", set.Select(element => element.Text)).Append(" }\n");
        }

        return text.ToString();
    }
}
