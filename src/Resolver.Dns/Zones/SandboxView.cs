// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using System.Net;
using Resolver.Core.Networks;
using Resolver.Dns.Forwarding;
using Resolver.Dns.Serving;

namespace Resolver.Dns.Zones;

/// <summary>What one sandbox sees. Immutable; the responder reads it by one volatile read.</summary>
/// <param name="Zones">The zones of its user-defined networks in the order of their priority. The default network has none here.</param>
/// <param name="Upstreams">Where unknown names go, by domain; those that no upstream covers go to the host's resolv.conf, followed as it changes.</param>
public sealed record SandboxView(ImmutableArray<Zone> Zones, ImmutableArray<Upstream> Upstreams)
{
    /// <summary>The host as the sandbox reaches it, for <c>host.docker.internal</c>; empty when the sandbox is on no network.</summary>
    public ImmutableArray<IPAddress> HostAddresses
    {
        get;
        init
        {
            field = value;
            Host = value.IsDefaultOrEmpty ? null : new NameEntry(value);
        }
    } = [];

    /// <summary>Names that this sandbox alone has for names of its networks; they come before the zones' own.</summary>
    public ImmutableArray<LinkedName> Links
    {
        get;
        init
        {
            field = value;
            Linked = value.IsDefaultOrEmpty ? null : new LinkedNames(value);
        }
    } = [];

    /// <summary>True for a sandbox without a way out: names that none of its own <see cref="Upstreams"/> is for do not exist, and nobody is asked.</summary>
    public bool IsInternal { get; init; }

    /// <summary>What the forwarder keeps for the sandbox; set by its responder before the view is seen, the same for all its views.</summary>
    internal SandboxContext? Context { get; set; }

    internal NameEntry? Host { get; private init; }

    /// <summary>The same as <see cref="Links"/>, ready to be looked up; null for none.</summary>
    internal LinkedNames? Linked { get; private init; }

    /// <summary>True if unknown names of a single label stay here: the sandbox has networks with names, and none of them allows it.</summary>
    internal bool KeepsSingleLabels { get; } = !Zones.IsDefaultOrEmpty && !Zones.Any(zone => zone.ForwardsSingleLabels);

    /// <summary>The same as <see cref="Upstreams"/>, ready to be asked; null for the host's alone.</summary>
    internal UpstreamRoutes? Routes { get; } = Upstreams.IsDefaultOrEmpty ? null : new UpstreamRoutes(Upstreams);
}
