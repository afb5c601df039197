// SPDX-License-Identifier: Apache-2.0

namespace Resolver.EndToEnd.Hosts;

/// <summary>A running host with the network <c>app</c>, 172.30.0.0/24.</summary>
public sealed class AppNetwork : IAsyncLifetime
{
    private readonly RunningHost _running = new();

    public HostNamespace Host => _running.Host;

    public async ValueTask InitializeAsync()
    {
        await _running.InitializeAsync();
        await Host.OkAsync("resolver network create app --subnet 172.30.0.0/24");
    }

    public ValueTask DisposeAsync() => _running.DisposeAsync();
}
