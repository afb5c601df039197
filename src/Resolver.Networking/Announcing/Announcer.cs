// SPDX-License-Identifier: Apache-2.0

using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using Microsoft.Extensions.Logging;
using Resolver.Core.Endpoints;
using Resolver.Core.Names;
using Resolver.Core.Networks;
using Resolver.Linux;
using Resolver.Linux.Netlink.Route;
using Resolver.Linux.Sockets;
using Resolver.Networking.Applying;
using Resolver.Networking.Planning;

namespace Resolver.Networking.Announcing;

/// <summary>
/// Tells who is on a network that an address has a new owner, so that nobody goes on to send to the old one. Frames go out by the bridge, from one
/// socket of the host namespace, with the endpoint's MAC address; the host's own neighbours are corrected directly. Thread-safe.
/// </summary>
internal sealed partial class Announcer : IDisposable
{
    /// <summary>The mark of our frames: rules keep them from the port of the endpoint itself, whose kernel would take them for a stranger's.</summary>
    internal const uint Mark = 0x1000_0000;

    /// <summary>The most endpoints that are announced at once.</summary>
    internal const int MaxUnderWay = 4096;

    private readonly ConcurrentDictionary<ObjectId, Announcement> _underWay = new();
    private readonly GivenAddresses _given = new();
    private readonly RouteSocket _route;
    private readonly PacketSocket? _socket;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;

    internal Announcer(HostKernel host, TimeProvider timeProvider, ILogger logger)
    {
        _route = host.Route;
        _timeProvider = timeProvider;
        _logger = logger;
        try
        {
            _socket = PacketSocket.Open(Mark);
        }
        catch (KernelException e)
        {
            // Everything else works without: neighbours find out in their own time, within a minute.
            LogNoSocket(e);
        }
    }

    /// <summary>How many endpoints are being announced.</summary>
    internal int UnderWay => _underWay.Count;

    /// <summary>Begins to announce an endpoint that has come into the kernel. Never fails: what can't be said is found out by neighbours in their own time.</summary>
    internal void Announce(DesiredEndpoint desired)
    {
        Endpoint endpoint = desired.Endpoint;
        bool mayBeKnown = _given.Note(desired.Network.Id, endpoint.Addresses);
        int count = desired.Network.AddressAnnouncements ?? (mayBeKnown ? Network.DefaultAddressAnnouncements : 0);
        CorrectHost(desired);
        if (_socket is null || count == 0 || !desired.Network.Policy.AllowsPeers)
        {
            return; // Endpoints that are kept apart have no neighbour but the host.
        }

        if (_underWay.Count >= MaxUnderWay)
        {
            LogTooMany(MaxUnderWay, desired.Sandbox.Name.Value, desired.Network.Name.Value);
            return;
        }

        string bridge = desired.Network.Bridge.Value;
        Announcement announcement = new(
            Announcements.Of(endpoint.Mac, endpoint.Addresses),
            count,
            frames => TrySend(_socket, bridge, frames),
            done => _underWay.TryRemove(KeyValuePair.Create(endpoint.Id, done)),
            _timeProvider);
        _underWay.AddOrUpdate(endpoint.Id, announcement, (_, before) =>
        {
            before.Dispose();
            return announcement;
        });
        announcement.Start(desired.Network.AddressAnnouncementInterval);
    }

    /// <summary>Notes an endpoint that is there already.</summary>
    internal void Note(DesiredEndpoint desired) => _given.Note(desired.Network.Id, desired.Endpoint.Addresses);

    /// <summary>Nothing more is known of a network.</summary>
    internal void ForgetNetwork(ObjectId network) => _given.Forget(network);

    /// <summary>Nothing more is said about an endpoint once this has returned.</summary>
    internal void Forget(ObjectId endpoint)
    {
        if (_underWay.TryRemove(endpoint, out Announcement? announcement))
        {
            announcement.Dispose();
        }
    }

    public void Dispose()
    {
        foreach (ObjectId endpoint in _underWay.Keys)
        {
            Forget(endpoint);
        }

        _socket?.Dispose();
    }

    // The host gets none of its own frames, and it is the neighbour that published ports come by: corrected before anybody is told that it is done.
    private void CorrectHost(DesiredEndpoint desired)
    {
        try
        {
            if (_route.FindLink(desired.Network.Bridge.Value) is { } bridge)
            {
                foreach (IPAddress address in desired.Endpoint.Addresses)
                {
                    _route.CorrectNeighbour(bridge.Index, address, desired.Endpoint.Mac.ToBytes());
                }
            }
        }
        catch (KernelException e)
        {
            LogNotCorrected(desired.Sandbox.Name.Value, desired.Network.Name.Value, e);
        }
    }

    // By name each time: a bridge that was made anew has another index.
    private bool TrySend(PacketSocket socket, string bridge, ImmutableArray<byte[]> frames)
    {
        try
        {
            if (_route.FindLink(bridge) is not { } link)
            {
                return false;
            }

            foreach (byte[] frame in frames)
            {
                socket.Send(link.Index, frame);
            }

            return true;
        }
        catch (KernelException e)
        {
            LogNotSent(bridge, e);
            return false;
        }
    }

    [LoggerMessage(EventId = 8, Level = LogLevel.Warning, Message = "Addresses of new endpoints can't be announced to their neighbours (it needs CAP_NET_RAW)")]
    private partial void LogNoSocket(Exception exception);

    [LoggerMessage(EventId = 9, Level = LogLevel.Warning, Message = "{Most} endpoints are being announced already; {Sandbox} on {Network} is not")]
    private partial void LogTooMany(int most, string sandbox, string network);

    [LoggerMessage(EventId = 10, Level = LogLevel.Warning, Message = "The host's neighbour entry of {Sandbox} on {Network} could not be corrected")]
    private partial void LogNotCorrected(string sandbox, string network, Exception exception);

    [LoggerMessage(EventId = 11, Level = LogLevel.Warning, Message = "An endpoint could not be announced on {Bridge}")]
    private partial void LogNotSent(string bridge, Exception exception);
}
