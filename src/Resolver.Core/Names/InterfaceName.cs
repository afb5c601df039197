// SPDX-License-Identifier: Apache-2.0

using System.Diagnostics.CodeAnalysis;
using Resolver.Core.Failures;

namespace Resolver.Core.Names;

/// <summary>A name that the kernel takes for a link: 1 to 15 octets, no '/', no white space, not "." or ".." (dev_valid_name in net/core/dev.c).</summary>
public sealed record InterfaceName
{
    /// <summary>IFNAMSIZ - 1 (linux/if.h).</summary>
    public const int MaxLength = 15;

    private InterfaceName(string value)
    {
        Value = value;
    }

    /// <summary>The name.</summary>
    public string Value { get; }

    /// <summary>Reads a name.</summary>
    /// <exception cref="RefusedException">The kernel would not take it.</exception>
    public static InterfaceName Parse(string text, string field)
    {
        return TryParse(text, out InterfaceName? name)
            ? name
            : throw RefusedException.Invalid(
                field, $"{field} '{Printable.Quote(text)}' is no interface name: use 1 to {MaxLength} printable ASCII characters, no '/', ':', '\"' or space");
    }

    /// <summary>Reads a name, false if the kernel would not take it (or nftables not, which wants no quote).</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out InterfaceName? name)
    {
        bool valid = text is { Length: > 0 and <= MaxLength } && text is not ("." or "..") && text.All(IsAllowed);
        name = valid ? new InterfaceName(text!) : null;
        return valid;
    }

    /// <inheritdoc/>
    public override string ToString() => Value;

    private static bool IsAllowed(char c) => c is > ' ' and <= '~' and not ('/' or ':' or '"' or '*' or '\\');
}
