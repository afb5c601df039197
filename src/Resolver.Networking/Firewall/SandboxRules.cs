// SPDX-License-Identifier: Apache-2.0

using System.Buffers.Binary;
using Resolver.Linux.Nftables.Batches;

namespace Resolver.Networking.Firewall;

/// <summary>
/// The sandbox's table <c>ip resolver_dns</c>: port 53 of 127.0.0.11 is the responder's port, rewritten without state, so that the sandbox's
/// own port 53 stays free and no question costs a conntrack entry. What was rewritten passes the other rules by (this hook only). Pure.
/// </summary>
internal static class SandboxRules
{
    private const NftablesFamily Family = NftablesFamily.IPv4;
    private const string Table = "resolver_dns";
    private const string Chain = "output";
    private const int BeforeConnectionTracking = -300; // NF_IP_PRI_RAW
    private const int LoopbackIndex = 1; // Of every namespace.
    private const int SourceAddress = 12;
    private const int DestinationAddress = 16; // Offsets in the headers of IPv4, and of UDP and TCP alike.
    private const int SourcePort = 0;
    private const int DestinationPort = 2;

    private static readonly byte[] Responder = [127, 0, 0, 11];
    private static readonly byte[] Domain = [0, 53];

    // By the protocol's number: where its checksum is.
    private static readonly (byte Protocol, int Checksum)[] Transports = [(17, 6), (6, 16)];

    /// <summary>Makes or replaces the rules. First of all what does not stay here, since every packet that the sandbox sends comes by.</summary>
    internal static NftablesBatch Install(ushort port)
    {
        byte[] own = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(own, port);
        NftablesBatch batch = new();
        batch.AddTable(Family, Table);
        batch.AddOutputChain(Family, Table, Chain, BeforeConnectionTracking);
        batch.FlushChain(Family, Table, Chain);
        batch.AddRule(Family, Table, Chain, rule => rule.OutputLink(LoopbackIndex, isOther: true).Accept());
        foreach ((byte protocol, int checksum) in Transports)
        {
            batch.AddRule(Family, Table, Chain, rule => rule
                .Network(DestinationAddress, Responder).Protocol(protocol).Transport(DestinationPort, Domain)
                .SetTransport(DestinationPort, own, checksum).DoNotTrack().Accept());
            batch.AddRule(Family, Table, Chain, rule => rule
                .Network(SourceAddress, Responder).Protocol(protocol).Transport(SourcePort, own)
                .SetTransport(SourcePort, Domain, checksum).DoNotTrack().Accept());
        }

        return batch;
    }

    /// <summary>Removes the table; one that is gone is no error.</summary>
    internal static NftablesBatch Remove()
    {
        NftablesBatch batch = new();
        batch.AddTable(Family, Table);
        batch.DeleteTable(Family, Table);
        return batch;
    }
}
