// SPDX-License-Identifier: Apache-2.0

using System.Buffers.Binary;
using Resolver.Linux.Netlink;

namespace Resolver.Linux.Nftables.Batches;

/// <summary>The expressions of one rule, in the order in which the kernel evaluates them: the first that does not match ends the rule.</summary>
public sealed class RuleWriter
{
    private const int Register = 1; // NFT_REG_1
    private const int Verdict = 0; // NFT_REG_VERDICT
    private const int InternetChecksum = 1; // NFT_PAYLOAD_CSUM_INET
    private const int Accepted = 1; // NF_ACCEPT

    private readonly NetlinkWriter _message;

    internal RuleWriter(NetlinkWriter message)
    {
        _message = message;
    }

    /// <summary>Matches what leaves by a link, or by any other.</summary>
    /// <param name="index">The link's index.</param>
    /// <param name="isOther">True for any other.</param>
    public RuleWriter OutputLink(int index, bool isOther = false)
    {
        Load(MetaKey.OutputLink);
        return Compare(BitConverter.GetBytes(index), isOther);
    }

    /// <summary>Matches a transport protocol.</summary>
    /// <param name="number">Its number in IP.</param>
    public RuleWriter Protocol(byte number)
    {
        Load(MetaKey.TransportProtocol);
        return Compare([number], isOther: false);
    }

    /// <summary>Matches octets of the IP header.</summary>
    public RuleWriter Network(int offset, ReadOnlySpan<byte> octets) => Payload(PayloadBase.Network, offset, octets);

    /// <summary>Matches octets of the transport's header.</summary>
    public RuleWriter Transport(int offset, ReadOnlySpan<byte> octets) => Payload(PayloadBase.Transport, offset, octets);

    /// <summary>Writes octets of the transport's header and corrects its checksum.</summary>
    /// <param name="offset">Where to.</param>
    /// <param name="octets">What.</param>
    /// <param name="checksumOffset">Where the checksum is.</param>
    public RuleWriter SetTransport(int offset, ReadOnlySpan<byte> octets, int checksumOffset)
    {
        using (Begin("immediate"))
        using (_message.Nest((ushort)ExpressionAttribute.Data))
        {
            Number((ushort)ImmediateAttribute.Destination, Register);
            Data((ushort)ImmediateAttribute.Data, octets);
        }

        using (Begin("payload"))
        using (_message.Nest((ushort)ExpressionAttribute.Data))
        {
            Number((ushort)PayloadAttribute.Source, Register);
            Number((ushort)PayloadAttribute.Base, (int)PayloadBase.Transport);
            Number((ushort)PayloadAttribute.Offset, offset);
            Number((ushort)PayloadAttribute.Length, octets.Length);
            Number((ushort)PayloadAttribute.ChecksumKind, InternetChecksum);
            Number((ushort)PayloadAttribute.ChecksumOffset, checksumOffset);
        }

        return this;
    }

    /// <summary>Keeps connection tracking away.</summary>
    public RuleWriter DoNotTrack()
    {
        using (Begin("notrack"))
        {
            return this;
        }
    }

    /// <summary>Ends the chain here.</summary>
    public RuleWriter Accept()
    {
        using (Begin("immediate"))
        using (_message.Nest((ushort)ExpressionAttribute.Data))
        {
            Number((ushort)ImmediateAttribute.Destination, Verdict);
            using (_message.Nest((ushort)ImmediateAttribute.Data))
            using (_message.Nest((ushort)DataAttribute.Verdict))
            {
                Number(1, Accepted); // NFTA_VERDICT_CODE
            }
        }

        return this;
    }

    private RuleWriter Payload(PayloadBase header, int offset, ReadOnlySpan<byte> octets)
    {
        using (Begin("payload"))
        using (_message.Nest((ushort)ExpressionAttribute.Data))
        {
            Number((ushort)PayloadAttribute.Destination, Register);
            Number((ushort)PayloadAttribute.Base, (int)header);
            Number((ushort)PayloadAttribute.Offset, offset);
            Number((ushort)PayloadAttribute.Length, octets.Length);
        }

        return Compare(octets, isOther: false);
    }

    private void Load(MetaKey key)
    {
        using (Begin("meta"))
        using (_message.Nest((ushort)ExpressionAttribute.Data))
        {
            Number((ushort)MetaAttribute.Destination, Register);
            Number((ushort)MetaAttribute.Key, (int)key);
        }
    }

    private RuleWriter Compare(ReadOnlySpan<byte> octets, bool isOther)
    {
        using (Begin("cmp"))
        using (_message.Nest((ushort)ExpressionAttribute.Data))
        {
            Number((ushort)CompareAttribute.Source, Register);
            Number((ushort)CompareAttribute.Operation, isOther ? 1 : 0); // NFT_CMP_NEQ, NFT_CMP_EQ
            Data((ushort)CompareAttribute.Data, octets);
        }

        return this;
    }

    private NetlinkWriter.Scope Begin(string expression)
    {
        NetlinkWriter.Scope scope = _message.Nest((ushort)ListAttribute.Element);
        _message.Attribute((ushort)ExpressionAttribute.Name, expression);
        return scope;
    }

    private void Number(ushort attribute, int value) => _message.Attribute(attribute, BinaryPrimitives.ReverseEndianness(value));

    private void Data(ushort attribute, ReadOnlySpan<byte> octets)
    {
        using (_message.Nest(attribute))
        {
            _message.Attribute((ushort)DataAttribute.Value, octets);
        }
    }
}
