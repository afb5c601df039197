// SPDX-License-Identifier: Apache-2.0

using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using Resolver.Core.Failures;

namespace Resolver.Core.Addressing;

/// <summary>An IP prefix without host bits, such as 172.30.0.0/24. Value equality.</summary>
public sealed record Subnet
{
    private Subnet(IPNetwork prefix)
    {
        Prefix = prefix;
    }

    /// <summary>The prefix.</summary>
    public IPNetwork Prefix { get; }

    /// <summary>The prefix length in bits.</summary>
    public int PrefixLength => Prefix.PrefixLength;

    /// <summary>True for IPv4.</summary>
    public bool IsIPv4 => Prefix.BaseAddress.AddressFamily == AddressFamily.InterNetwork;

    /// <summary>The first address: the network's own (RFC 950), never assigned in prefixes shorter than /31.</summary>
    public IPAddress First => Prefix.BaseAddress;

    /// <summary>The last address: IPv4's directed broadcast, never assigned in prefixes shorter than /31.</summary>
    public IPAddress Last => IPAddressArithmetic.Add(First, IPAddressArithmetic.HostMask(First, PrefixLength));

    /// <summary>Reads <c>172.30.0.0/24</c>.</summary>
    /// <exception cref="RefusedException">No prefix, or host bits set; the message offers the prefix that was probably meant.</exception>
    public static Subnet Parse(string text, string field)
    {
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0 || !IPAddress.TryParse(text.AsSpan(0, slash), out IPAddress? address) || !IsPlain(text[..slash], address)
            || !int.TryParse(text.AsSpan(slash + 1), System.Globalization.NumberStyles.None, null, out int length)
            || length > IPAddressArithmetic.Bits(address))
        {
            throw RefusedException.Invalid(field, $"{field} '{Names.Printable.Quote(text)}' is no subnet such as 172.30.0.0/24");
        }

        IPAddress first = IPAddressArithmetic.Mask(address, length);
        return first.Equals(address)
            ? new Subnet(new IPNetwork(address, length))
            : throw RefusedException.Invalid(field, $"{field} {text} has host bits set: did you mean {first}/{length}?");
    }

    /// <summary>Reads a subnet, false if it is none or has host bits set.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out Subnet? subnet)
    {
        subnet = null;
        try
        {
            subnet = text is null ? null : Parse(text, "subnet");
        }
        catch (RefusedException)
        {
            // The caller asked for a yes or a no.
        }

        return subnet is not null;
    }

    /// <summary>Makes a subnet of a prefix, host bits cleared.</summary>
    public static Subnet Of(IPAddress address, int prefixLength) => new(new IPNetwork(IPAddressArithmetic.Mask(address, prefixLength), prefixLength));

    /// <summary>True if the address lies in the prefix.</summary>
    public bool Contains(IPAddress address) => address.AddressFamily == First.AddressFamily && Prefix.Contains(address);

    /// <summary>True if the two prefixes share an address.</summary>
    public bool Overlaps(Subnet other) => Contains(other.First) || other.Contains(First);

    /// <inheritdoc/>
    public override string ToString() => Prefix.ToString();

    // IPAddress also reads "10.1" and "0x0a000001", which nobody means in a subnet.
    private static bool IsPlain(string text, IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetworkV6 ? !text.Contains('%', StringComparison.Ordinal) : address.ToString() == text;
}
