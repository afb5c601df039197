// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;

namespace Resolver.Linux.Nftables.Batches;

/// <summary>An element of a set, or of a map if it has a value. Two are the same if they are in the same set and their texts are.</summary>
public sealed class SetElement : IEquatable<SetElement>
{
    /// <summary>Puts one together; the fields are those of the set's type, in its order.</summary>
    public SetElement(NftablesSet set, ImmutableArray<ElementField> key, ImmutableArray<ElementField> value)
    {
        Set = set;
        Key = key;
        Value = value;
        string text = string.Join(" . ", key);
        Text = value.IsEmpty ? text : $"{text} : {string.Join(" . ", value)}";
    }

    /// <summary>Where it is.</summary>
    public NftablesSet Set { get; }

    /// <summary>As nft(8) writes it between braces.</summary>
    public string Text { get; }

    internal ImmutableArray<ElementField> Key { get; }

    internal ImmutableArray<ElementField> Value { get; }

    /// <inheritdoc/>
    public bool Equals(SetElement? other) => other is not null && Text == other.Text && Set == other.Set;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as SetElement);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Text, Set.Name);

    /// <inheritdoc/>
    public override string ToString() => $"element {Set} {{ {Text} }}";
}
