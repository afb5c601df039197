// SPDX-License-Identifier: Apache-2.0

using System.Globalization;
using Grpc.Net.Client;
using Resolver.Contract.V1;

namespace Resolver.Benchmarks;

/// <summary>Fills a daemon: many sandboxes, many names, many changes.</summary>
internal sealed class Crowding(GrpcChannel channel, string network)
{
    private const int CallsAtATime = 32;
    private const int PortsPerRequest = 1000; // 1,024 are allowed.
    private const int NamesPerRegistration = 65; // Its own and as many aliases as are allowed.

    private readonly EndpointService.EndpointServiceClient _endpoints = new(channel);
    private readonly NetworkService.NetworkServiceClient _networks = new(channel);
    private readonly RegistryService.RegistryServiceClient _registry = new(channel);

    /// <summary>Connects /run/netns/prefix-first and those behind it.</summary>
    public Task ConnectAsync(string prefix, int first, int count) => ForEachAsync(count, async (number, cancellationToken) =>
    {
        string name = $"{prefix}-{first + number}";
        await _endpoints.ConnectAsync(
            new ConnectRequest { Network = network, NetnsPath = $"/run/netns/{name}", Name = name }, cancellationToken: cancellationToken);
    });

    /// <summary>Makes networks prefix-0, prefix-1 and so on, each with a subnet of its own.</summary>
    public Task CreateNetworksAsync(string prefix, int count) => ForEachAsync(count, async (number, cancellationToken) =>
    {
        NetworkSubnet subnet = new() { Subnet = string.Create(CultureInfo.InvariantCulture, $"10.{100 + number / 256}.{number % 256}.0/24") };
        await _networks.CreateNetworkAsync(
            new CreateNetworkRequest { Name = $"{prefix}-{number}", Subnets = { subnet } }, cancellationToken: cancellationToken);
    });

    /// <summary>Connects /run/netns/prefix-0 to the network prefix-0, and so on: one endpoint each.</summary>
    public Task ConnectEachAsync(string prefix, int count) => ForEachAsync(count, async (number, cancellationToken) =>
    {
        string name = $"{prefix}-{number}";
        await _endpoints.ConnectAsync(
            new ConnectRequest { Network = name, NetnsPath = $"/run/netns/{name}", Name = name }, cancellationToken: cancellationToken);
    });

    /// <summary>Publishes ports of a sandbox on all IPv4 addresses, each by itself, the host's being the endpoint's.</summary>
    public async Task PublishAsync(string sandbox, int first, int count)
    {
        foreach (int[] ports in Enumerable.Range(first, count).Chunk(PortsPerRequest))
        {
            PublishRequest request = new() { Sandbox = sandbox, Network = network };
            request.Ports.AddRange(ports.Select(port => new PublishedPort { HostAddress = "0.0.0.0", HostPort = (uint)port, EndpointPort = (uint)port }));
            await _endpoints.PublishAsync(request);
        }
    }

    /// <summary>Takes back what <see cref="PublishAsync"/> published.</summary>
    public async Task UnpublishAsync(string sandbox, int first, int count)
    {
        PublishedPort all = new() { EndpointPort = (uint)first, EndpointPortEnd = (uint)(first + count - 1) };
        await _endpoints.UnpublishAsync(new UnpublishRequest { Sandbox = sandbox, Network = network, Ports = { all } });
    }

    /// <summary>Makes prefix-0, prefix-1 and so on resolve to the address, by as few registrations as hold that many names.</summary>
    public Task RegisterAsync(string prefix, int count, string address) =>
        ForEachAsync((count + NamesPerRegistration - 1) / NamesPerRegistration, async (number, cancellationToken) =>
        {
            int first = number * NamesPerRegistration;
            RegisterRequest request = Registration($"{prefix}-{first}", address);
            request.Aliases.AddRange(Enumerable.Range(first + 1, Math.Min(NamesPerRegistration, count - first) - 1).Select(alias => $"{prefix}-{alias}"));
            await _registry.RegisterAsync(request, cancellationToken: cancellationToken);
        });

    /// <summary>Registers a name and takes it back, in turn; returns how many changes there were.</summary>
    public async Task<int> ChangeAsync(TimeSpan time, int changesPerSecond, string address)
    {
        int changes = 0;
        long start = TimeProvider.System.GetTimestamp();
        using PeriodicTimer timer = new(TimeSpan.FromSeconds(1) / changesPerSecond);
        while (TimeProvider.System.GetElapsedTime(start) < time && await timer.WaitForNextTickAsync())
        {
            // A pair of changes concerns the same name.
            string name = string.Create(CultureInfo.InvariantCulture, $"changing-{changes / 2 % 100}");
            if (changes % 2 == 0)
            {
                await _registry.RegisterAsync(Registration(name, address));
            }
            else
            {
                await _registry.DeregisterAsync(new DeregisterRequest { Network = network, Name = name });
            }

            changes++;
        }

        return changes;
    }

    private static Task ForEachAsync(int count, Func<int, CancellationToken, ValueTask> call) =>
        Parallel.ForEachAsync(Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = CallsAtATime }, call);

    private RegisterRequest Registration(string name, string address) => new() { Network = network, Name = name, Addresses = { address } };
}
