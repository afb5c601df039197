// SPDX-License-Identifier: Apache-2.0

using System.Net.Sockets;
using Grpc.Core;
using Grpc.Net.Client;
using Resolver.Contract.V1;

namespace Resolver.Cli.Connection;

/// <summary>The daemon's services over its Unix socket. Connects with the first call.</summary>
internal sealed class DaemonClient : IDisposable
{
    /// <summary>Where the daemon listens when nothing else is said.</summary>
    public const string DefaultSocket = "/run/resolver/resolver.sock";

    /// <summary>How long one call may take. A connect takes milliseconds; a busy kernel seconds.</summary>
    public static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(30);

    // A listing of 50,000 sandboxes has about 30 MB.
    private const int MaxReplyBytes = 64 << 20;

    private readonly GrpcChannel _channel;

    /// <summary>Makes a client; nothing is sent yet.</summary>
    public DaemonClient(string socket)
    {
        SocketsHttpHandler handler = new()
        {
            ConnectCallback = async (_, cancellationToken) =>
            {
                Socket connection = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                try
                {
                    await connection.ConnectAsync(new UnixDomainSocketEndPoint(socket), cancellationToken);
                    return new NetworkStream(connection, ownsSocket: true);
                }
                catch
                {
                    connection.Dispose();
                    throw;
                }
            },
            UseProxy = false,
        };
        _channel = GrpcChannel.ForAddress(
            "http://localhost", new GrpcChannelOptions { HttpHandler = handler, DisposeHttpClient = true, MaxReceiveMessageSize = MaxReplyBytes });
        Networks = new NetworkService.NetworkServiceClient(_channel);
        Endpoints = new EndpointService.EndpointServiceClient(_channel);
        Registry = new RegistryService.RegistryServiceClient(_channel);
        Dns = new DnsService.DnsServiceClient(_channel);
        Daemon = new DaemonService.DaemonServiceClient(_channel);
    }

    /// <summary>NetworkService.</summary>
    public NetworkService.NetworkServiceClient Networks { get; }

    /// <summary>EndpointService.</summary>
    public EndpointService.EndpointServiceClient Endpoints { get; }

    /// <summary>RegistryService.</summary>
    public RegistryService.RegistryServiceClient Registry { get; }

    /// <summary>DnsService.</summary>
    public DnsService.DnsServiceClient Dns { get; }

    /// <summary>DaemonService.</summary>
    public DaemonService.DaemonServiceClient Daemon { get; }

    /// <summary>The options of one call, with its deadline.</summary>
    public static CallOptions Within(CancellationToken cancellationToken) =>
        new(deadline: TimeProvider.System.GetUtcNow().UtcDateTime + CallTimeout, cancellationToken: cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _channel.Dispose();
}
