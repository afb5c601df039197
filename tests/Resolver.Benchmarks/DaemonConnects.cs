// SPDX-License-Identifier: Apache-2.0

using Grpc.Net.Client;
using Resolver.Contract.V1;

namespace Resolver.Benchmarks;

/// <summary>EndpointService.Connect over the daemon's socket, as any client would call it, into /run/netns/ours-0, ours-1 and so on.</summary>
internal sealed class DaemonConnects : INetworkAttachments, IDisposable
{
    private readonly GrpcChannel _channel;
    private readonly EndpointService.EndpointServiceClient _endpoints;
    private readonly string _network;
    private int _next;

    public DaemonConnects(string socket, string network, int count)
    {
        _channel = DaemonChannel.Open(socket);
        _endpoints = new EndpointService.EndpointServiceClient(_channel);
        _network = network;
        Count = count;
    }

    public string Name => "resolver Connect";

    public int Count { get; }

    public async Task AttachNextAsync()
    {
        string name = $"ours-{_next++}";
        ConnectResponse response = await _endpoints.ConnectAsync(
            new ConnectRequest { Network = _network, NetnsPath = $"/run/netns/{name}", Name = name });
        if (response.Endpoint.Addresses.Count != 1)
        {
            throw new InvalidOperationException($"{name} got {response.Endpoint.Addresses.Count} addresses instead of one");
        }
    }

    public void Dispose() => _channel.Dispose();
}
