// SPDX-License-Identifier: Apache-2.0

using Resolver.Linux.Nftables;
using Resolver.Networking.Firewall;

namespace Resolver.Networking.Coexistence;

/// <summary>Hears what others do to the host's ruleset. One reader at a time.</summary>
public sealed class RulesWatch : IDisposable
{
    private readonly RulesetWatch _watch;

    internal RulesWatch(RulesetWatch watch)
    {
        _watch = watch;
    }

    /// <summary>Waits for a change that matters.</summary>
    /// <exception cref="Linux.KernelException">The kernel refused.</exception>
    public async Task<RulesChanges> NextAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            RulesChanges changes = RulesChanges.None;
            foreach (RulesetEvent happened in await _watch.NextAsync(cancellationToken))
            {
                changes |= MeaningOf(happened);
            }

            if (changes != RulesChanges.None)
            {
                return changes;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _watch.Dispose();

    private static RulesChanges MeaningOf(RulesetEvent happened) => happened switch
    {
        RulesetEvent.TableDeleted { Table: HostTables.Table or HostTables.BridgeTable } => RulesChanges.OurTables,
        RulesetEvent.ChainAdded { Table: not (HostTables.Table or HostTables.BridgeTable) } => RulesChanges.OthersChains,
        RulesetEvent.RuleDeleted { Chain: DockerUser.Chain } => RulesChanges.OthersChains,
        RulesetEvent.Lost => RulesChanges.Missed | RulesChanges.OthersChains,
        _ => RulesChanges.None,
    };
}
