// SPDX-License-Identifier: Apache-2.0

using System.Collections.Frozen;
using System.Collections.Immutable;
using Resolver.Dns.Wire;

namespace Resolver.Dns.Zones;

/// <summary>The linked names of one sandbox, by wire name. Immutable.</summary>
internal sealed class LinkedNames
{
    private readonly FrozenDictionary<byte[], Target> _targets;
    private readonly FrozenDictionary<byte[], Target>.AlternateLookup<ReadOnlySpan<byte>> _targetsBySpan;

    /// <param name="names">The names; of two that are the same the first counts.</param>
    internal LinkedNames(ImmutableArray<LinkedName> names)
    {
        Dictionary<byte[], Target> targets = new(FoldedNameComparer.Instance);
        foreach (LinkedName linked in names)
        {
            Target target = new(linked.Zone, WireNames.Encode(linked.Target.Value));
            targets.TryAdd(WireNames.Encode(linked.Name.Value), target);
            if (linked.Name.Append(linked.Zone.Origin) is { } qualified)
            {
                targets.TryAdd(WireNames.Encode(qualified.Value), target);
            }
        }

        _targets = targets.ToFrozenDictionary(FoldedNameComparer.Instance);
        _targetsBySpan = _targets.GetAlternateLookup<ReadOnlySpan<byte>>();
    }

    /// <summary>Finds what a name stands for.</summary>
    /// <param name="name">A wire name with its closing zero.</param>
    /// <param name="target">Where to look.</param>
    internal bool TryFind(ReadOnlySpan<byte> name, out Target target) => _targetsBySpan.TryGetValue(name, out target);

    /// <summary>A name of a zone.</summary>
    /// <param name="Zone">The zone.</param>
    /// <param name="Name">Its wire name with its closing zero.</param>
    internal readonly record struct Target(Zone Zone, byte[] Name)
    {
        /// <summary>What the name has now; null if it has nothing.</summary>
        internal NameEntry? Entry => Zone.TryFind(Name, out NameEntry? entry) || Zone.TryFindQualified(Name, out entry) ? entry : null;
    }
}
