// SPDX-License-Identifier: Apache-2.0

using System.Net;
using System.Security.Cryptography;
using System.Text;
using Resolver.Core.Addressing;

namespace Resolver.Networking.Allocation;

/// <summary>The unique local prefix of a host (RFC 4193): the same over restarts, another on each host.</summary>
public static class UlaPrefix
{
    /// <summary>The prefix length of a site.</summary>
    public const int LengthBits = 48;

    /// <summary>The length of each network's subnet in it.</summary>
    public const int SubnetLengthBits = 64;

    /// <summary>fd00::/8 with 40 bits that follow from an identity, such as the text of /etc/machine-id.</summary>
    public static Subnet Of(string identity)
    {
        // Hashed, because the machine's id is not to be told to those who see an address (machine-id(5)).
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes($"resolver {identity}"));
        byte[] address = new byte[16];
        address[0] = 0xFD;
        hash.AsSpan(0, 5).CopyTo(address.AsSpan(1));
        return Subnet.Of(new IPAddress(address), LengthBits);
    }
}
