// SPDX-License-Identifier: Apache-2.0

using System.Collections.Frozen;
using Resolver.Linux.Nftables;
using Resolver.Networking.Applying;
using Resolver.Networking.Firewall;

namespace Resolver.Networking.Coexistence;

/// <summary>Hears what others do to the host's ruleset. One reader at a time.</summary>
public sealed class RulesWatch : IDisposable
{
    // What a program makes in our tables for itself is its own, and so is what stands in the chains named user_….
    private static readonly FrozenSet<string> OurChains = ChainNames();
    private static readonly FrozenSet<string> OurSets = HostTables.SetNames.ToFrozenSet();

    private readonly RulesetWatch _watch;
    private readonly HostKernel _host;
    private RulesChanges _uncommitted = RulesChanges.None;

    internal RulesWatch(RulesetWatch watch, HostKernel host)
    {
        _watch = watch;
        _host = host;
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
                changes = changes.And(Add(happened));
            }

            if (!changes.IsNone)
            {
                return changes;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _watch.Dispose();

    /// <summary>What an event means to us; <see cref="RulesChanges.None"/> where only the end of its transaction tells.</summary>
    internal static RulesChanges MeaningOf(RulesetEvent happened) => happened switch
    {
        RulesetEvent.TableDeleted { Table: HostTables.Table or HostTables.BridgeTable } gone => Deleted($"table {gone.Table}"),
        RulesetEvent.ChainDeleted gone when IsOurs(OurChains, gone.Table, gone.Chain) => Deleted($"chain {gone.Table} {gone.Chain}"),
        RulesetEvent.RuleDeleted gone when IsOurs(OurChains, gone.Table, gone.Chain) => Deleted($"rules of {gone.Table} {gone.Chain}"),
        RulesetEvent.SetDeleted gone when IsOurs(OurSets, gone.Table, gone.Set) => Deleted($"set {gone.Table} {gone.Set}"),
        RulesetEvent.ElementsDeleted gone when IsOurs(OurSets, gone.Table, gone.Set) => Deleted($"elements of {gone.Table} {gone.Set}"),
        RulesetEvent.ChainAdded { Table: not (HostTables.Table or HostTables.BridgeTable) } => new RulesChanges { ChangedOthers = true },
        RulesetEvent.RuleDeleted { Chain: DockerUser.Chain } => new RulesChanges { ChangedOthers = true },
        _ => RulesChanges.None,
    };

    private RulesChanges Add(RulesetEvent happened)
    {
        switch (happened)
        {
            case RulesetEvent.Committed committed:
                RulesChanges changes = _uncommitted;
                _uncommitted = RulesChanges.None;
                return changes.IsNone ? changes : Judge(changes, committed);
            case RulesetEvent.Lost:
                // What came before belongs to a transaction whose end may be among what is lost.
                _uncommitted = RulesChanges.None;
                return new RulesChanges { MissedSome = !_host.IsRulesetOurs(), ChangedOthers = true };
            default:
                _uncommitted = _uncommitted.And(MeaningOf(happened));
                return RulesChanges.None;
        }
    }

    private RulesChanges Judge(RulesChanges changes, RulesetEvent.Committed committed) => _host.AskOwn(own =>
        own.IsOurs(committed.PortId, committed.Generation) ? RulesChanges.None
        : own.IsMadeGood(committed.Generation) ? changes with { Deleted = changes.Deleted.Clear() }
        : changes);

    private static RulesChanges Deleted(string what) => RulesChanges.None with { Deleted = RulesChanges.None.Deleted.Add(what) };

    private static bool IsOurs(FrozenSet<string> names, string table, string name) => names.Contains($"{table} {name}");

    private static FrozenSet<string> ChainNames() => HostTables.Install.Split('\n')
        .Select(line => line.Split(' '))
        .Where(words => words is ["add", "chain", _, _, _, ..] && !words[4].StartsWith("user_", StringComparison.Ordinal))
        .Select(words => $"{words[2]} {words[3]} {words[4]}")
        .ToFrozenSet();
}
