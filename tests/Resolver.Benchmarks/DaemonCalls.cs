// SPDX-License-Identifier: Apache-2.0

using Grpc.Net.Client;
using Resolver.Contract.V1;

namespace Resolver.Benchmarks;

/// <summary>Calls of the daemon one after another, each with its time in milliseconds as the client sees it, and what takes them back.</summary>
internal sealed class DaemonCalls(GrpcChannel channel)
{
    private readonly EndpointService.EndpointServiceClient _endpoints = new(channel);

    /// <summary>
    /// Connects /run/netns/prefix-0 and so on, and begins again behind the last. Each is disconnected before the next is connected, so that
    /// the network has as many endpoints all the time.
    /// </summary>
    public async Task<double[]> ConnectAsync(string network, string prefix, int namespaces, int count)
    {
        double[] times = new double[count];
        for (int i = 0; i < count; i++)
        {
            string name = $"{prefix}-{i % namespaces}";
            ConnectRequest request = new() { Network = network, NetnsPath = $"/run/netns/{name}", Name = name };
            times[i] = await MillisecondsAsync(async () => await _endpoints.ConnectAsync(request));
            await _endpoints.DisconnectAsync(new DisconnectRequest { Network = network, Sandbox = name });
        }

        return times;
    }

    /// <summary>Publishes ports of a sandbox and takes them back, in turn. Without an address of the host: on all of them.</summary>
    public async Task<(double[] Publish, double[] Unpublish)> PublishAsync(
        string sandbox, string hostAddress, int firstPort, int ports, int count)
    {
        PublishedPort wanted = new() { HostAddress = hostAddress, HostPort = (uint)firstPort, EndpointPort = (uint)firstPort };
        if (ports > 1)
        {
            wanted.HostPortEnd = wanted.EndpointPortEnd = (uint)(firstPort + ports - 1);
        }

        PublishRequest publish = new() { Sandbox = sandbox, Ports = { wanted } };
        UnpublishRequest unpublish = new() { Sandbox = sandbox, Ports = { wanted } };
        double[] publishTimes = new double[count];
        double[] unpublishTimes = new double[count];
        for (int i = 0; i < count; i++)
        {
            publishTimes[i] = await MillisecondsAsync(async () => await _endpoints.PublishAsync(publish));
            unpublishTimes[i] = await MillisecondsAsync(async () => await _endpoints.UnpublishAsync(unpublish));
        }

        return (publishTimes, unpublishTimes);
    }

    private static async Task<double> MillisecondsAsync(Func<Task> call)
    {
        long start = TimeProvider.System.GetTimestamp();
        await call();
        return TimeProvider.System.GetElapsedTime(start).TotalMilliseconds;
    }
}
