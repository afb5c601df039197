// SPDX-License-Identifier: Apache-2.0

using System.Net.Sockets;
using Grpc.Core;
using Grpc.Net.Client;

namespace Resolver.EndToEnd.Hosts;

/// <summary>The daemon's socket as any gRPC client sees it; messages are octets, so that nothing of the product's is used to read them.</summary>
public static class DaemonChannel
{
    public const string SocketPath = "/run/resolver/resolver.sock";

    public static Marshaller<byte[]> Octets { get; } = Marshallers.Create(static bytes => bytes, static bytes => bytes);

    public static GrpcChannel Open(HostNamespace host) => GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions
    {
        HttpHandler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellationToken) =>
            {
                Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(host.PathOutside(SocketPath)), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        },
        DisposeHttpClient = true,
    });
}
