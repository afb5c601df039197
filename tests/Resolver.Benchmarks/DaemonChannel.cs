// SPDX-License-Identifier: Apache-2.0

using System.Net.Sockets;
using Grpc.Net.Client;

namespace Resolver.Benchmarks;

/// <summary>The way to the daemon, as any client would go it.</summary>
internal static class DaemonChannel
{
    public static GrpcChannel Open(string socket)
    {
        SocketsHttpHandler handler = new()
        {
            ConnectCallback = async (_, cancellationToken) =>
            {
                Socket connection = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await connection.ConnectAsync(new UnixDomainSocketEndPoint(socket), cancellationToken);
                return new NetworkStream(connection, ownsSocket: true);
            },
            UseProxy = false,
        };
        return GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions { HttpHandler = handler, DisposeHttpClient = true });
    }
}
