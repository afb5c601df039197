// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Resolver.Linux;
using Resolver.Linux.Netlink.Route;
using Resolver.Networking.Planning;

namespace Resolver.Networking.Coexistence;

/// <summary>Hears of changes to the host's links, our own among them. One reader at a time.</summary>
public sealed class LinksWatch : IDisposable
{
    private readonly LinkWatch _watch;
    private readonly RouteSocket _route;

    internal LinksWatch(LinkWatch watch, RouteSocket route)
    {
        _watch = watch;
        _route = route;
    }

    /// <summary>Waits until something has happened.</summary>
    public Task WaitAsync(CancellationToken cancellationToken) => _watch.WaitAsync(cancellationToken);

    /// <summary>What has happened since the last time, without waiting.</summary>
    /// <exception cref="KernelException">The kernel refused.</exception>
    public LinksChanges Take()
    {
        ImmutableArray<LinkEvent> events = _watch.Take();
        try
        {
            return ChangesOf(events, link => _route.FindLink(link)?.Name);
        }
        catch (KernelException)
        {
            return LinksChanges.All; // Which link lost an address is not known: none is left out.
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _watch.Dispose();

    /// <summary>Which links events are about.</summary>
    /// <param name="events">The events.</param>
    /// <param name="nameOf">The name of a link; null if it is gone, of which there was an event of its own.</param>
    internal static LinksChanges ChangesOf(ImmutableArray<LinkEvent> events, Func<LinkIndex, string?> nameOf)
    {
        if (events.Any(happened => happened is LinkEvent.Lost))
        {
            return LinksChanges.All;
        }

        IEnumerable<LinkEvent.Changed> changed = events.OfType<LinkEvent.Changed>();
        IEnumerable<LinkIndex> withoutAddress = events.OfType<LinkEvent.AddressRemoved>().Select(removed => removed.Link).Distinct();
        return new LinksChanges
        {
            Names = [.. changed.Select(link => link.Name), .. withoutAddress.Select(nameOf).OfType<string>()],
            ShortIds = [.. changed.Select(link => LinkTags.ShortIdOf(link.Alias)).OfType<string>()],
        };
    }
}
