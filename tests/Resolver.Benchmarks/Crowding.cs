// SPDX-License-Identifier: Apache-2.0

using System.Globalization;
using Grpc.Net.Client;
using Resolver.Contract.V1;

namespace Resolver.Benchmarks;

/// <summary>Fills a daemon: many sandboxes, many names, many changes.</summary>
internal sealed class Crowding(GrpcChannel channel, string network)
{
    private const int CallsAtATime = 32;
    private const int NamesPerRegistration = 65; // Its own and as many aliases as are allowed.

    private readonly EndpointService.EndpointServiceClient _endpoints = new(channel);
    private readonly RegistryService.RegistryServiceClient _registry = new(channel);

    /// <summary>Connects /run/netns/prefix-0, prefix-1 and so on.</summary>
    public Task ConnectAsync(string prefix, int count) => ForEachAsync(count, async (number, cancellationToken) =>
    {
        string name = $"{prefix}-{number}";
        await _endpoints.ConnectAsync(
            new ConnectRequest { Network = network, NetnsPath = $"/run/netns/{name}", Name = name }, cancellationToken: cancellationToken);
    });

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
