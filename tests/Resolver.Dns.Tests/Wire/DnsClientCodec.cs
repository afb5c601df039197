// SPDX-License-Identifier: Apache-2.0

using System.Net;
using System.Reflection;
using DnsClient;

namespace Resolver.Dns.Tests.Wire;

/// <summary>
/// DnsClient as an independent writer of questions and reader of replies, through the types that it keeps to itself. It knows of EDNS the size and
/// DO only, and of flags RD only.
/// </summary>
internal static class DnsClientCodec
{
    private const BindingFlags Any = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    private static readonly Assembly Library = typeof(LookupClient).Assembly;
    private static readonly Type Writer = Library.GetType("DnsClient.DnsDatagramWriter", throwOnError: true)!;
    private static readonly ConstructorInfo NewRequest = Library.GetType("DnsClient.DnsRequestMessage", throwOnError: true)!.GetConstructors(Any)[0];
    private static readonly ConstructorInfo NewHeader = Library.GetType("DnsClient.DnsRequestHeader", throwOnError: true)!
        .GetConstructor(Any, [typeof(bool), Library.GetType("DnsClient.DnsOpCode", throwOnError: true)!])!;

    private static readonly object Handler = Activator.CreateInstance(Library.GetType("DnsClient.DnsUdpMessageHandler", throwOnError: true)!, nonPublic: true)!;
    private static readonly MethodInfo GetRequestData = Handler.GetType().GetMethod("GetRequestData", Any)!;
    private static readonly MethodInfo GetResponseMessage = Handler.GetType().GetMethod("GetResponseMessage", Any)!;
    private static readonly MethodInfo AsQueryResponse = GetResponseMessage.ReturnType.GetMethod("AsQueryResponse", Any)!;
    private static readonly DnsQuerySettings Settings = new(new DnsQueryOptions());
    private static readonly NameServer Nobody = new(IPAddress.Loopback);

    internal static byte[] EncodeQuestion(string name, QueryType type, int udpSize, bool isDnssecOk, bool isRecursionDesired)
    {
        DnsQueryOptions options = new() { ExtendedDnsBufferSize = udpSize, RequestDnsSecRecords = isDnssecOk };
        object header = NewHeader.Invoke([isRecursionDesired, Enum.ToObject(NewHeader.GetParameters()[1].ParameterType, 0)]);
        object request = NewRequest.Invoke([header, new DnsQuestion(name, type), new DnsQuerySettings(options)]);
        using IDisposable writer = (IDisposable)Activator.CreateInstance(Writer, nonPublic: true)!;
        GetRequestData.Invoke(Handler, [request, writer]);
        return [.. (ArraySegment<byte>)Writer.GetProperty("Data", Any)!.GetValue(writer)!];
    }

    internal static IDnsQueryResponse Parse(ReadOnlySpan<byte> message) => (IDnsQueryResponse)AsQueryResponse.Invoke(
        GetResponseMessage.Invoke(Handler, [new ArraySegment<byte>(message.ToArray())]), [Nobody, Settings])!;
}
