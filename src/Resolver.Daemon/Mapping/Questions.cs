// SPDX-License-Identifier: Apache-2.0

using System.Globalization;
using System.Text;
using ARSoft.Tools.Net.Dns;
using Resolver.Contract.V1;
using Resolver.Core.Failures;
using Resolver.Core.Names;

namespace Resolver.Daemon.Mapping;

/// <summary>Questions to wire form, and replies to what people read.</summary>
internal static class Questions
{
    private const int MaxLabelBytes = 63;
    private const int MaxNameBytes = 255;

    /// <summary>The question as a client with EDNS sends it.</summary>
    /// <exception cref="RefusedException">The name or the type is none.</exception>
    public static byte[] ToMessage(QueryRequest request)
    {
        if (request.Type > ushort.MaxValue)
        {
            throw RefusedException.Invalid("type", string.Create(CultureInfo.InvariantCulture, $"type {request.Type} is out of range: use 0 to 65535"));
        }

        byte[] header = [0, 0, 1, 0x20, 0, 1, 0, 0, 0, 0, 0, 1];
        byte[] opt = [0, 0, 41, 0xFF, 0xFF, 0, 0, (byte)(request.Dnssec ? 0x80 : 0), 0, 0, 0];
        return [.. header, .. Encode(Fields.Required(request.Name, "name")), (byte)(request.Type >> 8), (byte)request.Type, 0, 1, .. opt];
    }

    /// <summary>A reply as dig shows it.</summary>
    public static IEnumerable<string> ToLines(ReadOnlyMemory<byte> reply)
    {
        DnsMessage message;
        try
        {
            message = DnsMessage.Parse(reply.ToArray());
        }
        catch (Exception e) when (e is ArgumentException or FormatException or IndexOutOfRangeException or NotSupportedException or OverflowException)
        {
            // The library does not know every type; the octets are there for those who do.
            return [$";; {reply.Length} octets that can't be shown: {e.Message}"];
        }

        string flags = string.Concat(
            message.IsAuthoritiveAnswer ? " aa" : "", message.IsTruncated ? " tc" : "", message.IsRecursionDesired ? " rd" : "",
            message.IsRecursionAllowed ? " ra" : "", message.IsAuthenticData ? " ad" : "", message.IsCheckingDisabled ? " cd" : "");
        return
        [
            $";; status: {message.ReturnCode.ToString().ToUpperInvariant()}, flags: qr{flags}",
            .. message.Questions.Select(question => $";{question}"),
            .. message.AnswerRecords.Select(record => record.ToString()),
            .. Section("AUTHORITY", message.AuthorityRecords),
            .. Section("ADDITIONAL", message.AdditionalRecords.Where(record => record.RecordType != RecordType.Opt)),
        ];
    }

    private static IEnumerable<string> Section(string name, IEnumerable<DnsRecordBase> records)
    {
        string[] lines = [.. records.Select(record => record.ToString())];
        return lines.Length == 0 ? [] : [$";; {name}", .. lines];
    }

    private static byte[] Encode(string name)
    {
        string plain = name.EndsWith('.') ? name[..^1] : name;
        List<byte> octets = [];
        foreach (string label in plain.Length == 0 ? [] : plain.Split('.'))
        {
            byte[] text = Encoding.UTF8.GetBytes(label);
            if (text.Length is 0 or > MaxLabelBytes || octets.Count + text.Length + 2 > MaxNameBytes)
            {
                throw RefusedException.Invalid(
                    "name", $"'{Printable.Quote(name)}' is no DNS name: labels have 1 to {MaxLabelBytes} octets, the name at most {MaxNameBytes}");
            }

            octets.Add((byte)text.Length);
            octets.AddRange(text);
        }

        return [.. octets, 0];
    }
}
