// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
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
    /// <exception cref="Linux.KernelException">The kernel refused.</exception>
    public LinksChanges Take()
    {
        ImmutableArray<LinkEvent> events = _watch.Take();
        return events.Any(happened => happened is LinkEvent.AddressRemoved) ? ChangesOf(events, _route.Links()) : ChangesOf(events, []);
    }

    /// <inheritdoc/>
    public void Dispose() => _watch.Dispose();

    /// <summary>Which links events are about.</summary>
    /// <param name="events">The events.</param>
    /// <param name="links">The links that are there, by which an address's link has a name. One that is not there had an event of its own.</param>
    internal static LinksChanges ChangesOf(ImmutableArray<LinkEvent> events, ImmutableArray<Link> links)
    {
        if (events.Any(happened => happened is LinkEvent.Lost))
        {
            return LinksChanges.All;
        }

        HashSet<LinkIndex> withoutAddress = [.. events.OfType<LinkEvent.AddressRemoved>().Select(removed => removed.Link)];
        return new LinksChanges
        {
            Names =
            [
                .. events.OfType<LinkEvent.Changed>().Select(changed => changed.Name),
                .. links.Where(link => withoutAddress.Contains(link.Index)).Select(link => link.Name),
            ],
            ShortIds = [.. events.OfType<LinkEvent.Changed>().Select(changed => LinkTags.ShortIdOf(changed.Alias)).OfType<string>()],
        };
    }
}
