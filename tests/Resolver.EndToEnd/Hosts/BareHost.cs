// SPDX-License-Identifier: Apache-2.0

namespace Resolver.EndToEnd.Hosts;

/// <summary>A host without a daemon, for tests of starting one; one per class of tests.</summary>
public sealed class BareHost : IAsyncLifetime
{
    private HostNamespace? _host;

    public HostNamespace Host => _host ?? throw new InvalidOperationException("not initialised");

    public async ValueTask InitializeAsync() => _host = await HostNamespace.StartAsync();

    public ValueTask DisposeAsync() => _host?.DisposeAsync() ?? ValueTask.CompletedTask;
}
