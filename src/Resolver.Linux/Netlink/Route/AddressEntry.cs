// SPDX-License-Identifier: Apache-2.0

using System.Net;

namespace Resolver.Linux.Netlink.Route;

/// <summary>An address on a link (RTM_NEWADDR).</summary>
/// <param name="Link">The link.</param>
/// <param name="Address">IFA_LOCAL (IPv4) or IFA_ADDRESS (IPv6).</param>
/// <param name="PrefixLength">In bits.</param>
public sealed record AddressEntry(LinkIndex Link, IPAddress Address, int PrefixLength);
