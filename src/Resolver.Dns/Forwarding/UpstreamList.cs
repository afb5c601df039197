// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using System.Net;
using Microsoft.Extensions.Logging;
using Resolver.Core.Networks;
using Resolver.Dns.Zones;

namespace Resolver.Dns.Forwarding;

/// <summary>The upstreams of a view: its own, or those of the host's resolv.conf, read again when the file changes and dialled from the host.</summary>
internal sealed partial class UpstreamList(string path, TimeProvider timeProvider, ILogger logger)
{
    private const int DnsPort = 53;
    private const int MaxFileBytes = 64 * 1024;

    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private UpstreamSet _ofHost = UpstreamSet.None;
    private DateTime _modified;
    private long _nextCheck = long.MinValue;

    /// <summary>The upstreams of a name (plain, with its zero).</summary>
    internal UpstreamSet Of(SandboxView view, ReadOnlySpan<byte> name) =>
        view.Routes is { } routes ? routes.Find(name) ?? routes.Default ?? OthersOf(view) : OthersOf(view);

    /// <summary>Those of names that none of the view's own is for: the host's, which a sandbox without a way out has no part in.</summary>
    internal UpstreamSet OthersOf(SandboxView view) => view.IsInternal ? UpstreamSet.None : OfHost();

    /// <summary>The host's.</summary>
    internal UpstreamSet OfHost() => Current();

    /// <summary>
    /// The nameserver lines of a resolv.conf in their order, each address once. What is no address is left out, for one bad line should not
    /// cost the good ones. 127.0.0.11 is kept: in the host's namespace it is the responder of who runs the host as a container.
    /// </summary>
    internal static ImmutableArray<IPEndPoint> Parse(IEnumerable<string> lines)
    {
        ImmutableArray<IPEndPoint>.Builder upstreams = ImmutableArray.CreateBuilder<IPEndPoint>();
        foreach (string line in lines)
        {
            string[] words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (words is ["nameserver", string text, ..] && AddressOf(text) is { } address)
            {
                IPEndPoint upstream = new(address, DnsPort);
                if (!upstreams.Contains(upstream))
                {
                    upstreams.Add(upstream);
                }
            }
        }

        return upstreams.ToImmutable();
    }

    /// <summary>The address a nameserver line names; null if it is none we can send to.</summary>
    private static IPAddress? AddressOf(string word)
    {
        // As glibc does: a comment may follow the address without a space.
        int comment = word.AsSpan().IndexOfAny(';', '#');
        string text = comment < 0 ? word : word[..comment];

        // The parser also takes "1" for 0.0.0.1 and "[::1]:53" for ::1.
        bool isAddress = text.Contains(':') ? !text.Contains('[') : text.Count(character => character == '.') == 3;
        if (!isAddress || !IPAddress.TryParse(text, out IPAddress? address))
        {
            return null;
        }

        // A zone that is no interface of ours: without one a link-local address leads nowhere.
        bool hasUnknownZone = text.Contains('%') && address.ScopeId == 0;
        return hasUnknownZone ? null : address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
    }

    // Asked for each forwarded question, so the lock is taken only when it is time to look at the file.
    private UpstreamSet Current()
    {
        long now = timeProvider.GetTimestamp();
        if (now < Volatile.Read(ref _nextCheck))
        {
            return Volatile.Read(ref _ofHost);
        }

        lock (_gate)
        {
            if (now < _nextCheck)
            {
                return _ofHost;
            }

            try
            {
                Reread();
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                LogUnreadable(logger, path, failure.Message);
            }

            Volatile.Write(ref _nextCheck, now + (long)(CheckInterval.TotalSeconds * timeProvider.TimestampFrequency));

            return _ofHost;
        }
    }

    private void Reread()
    {
        FileInfo file = new(path);
        if (file.Exists && file.LastWriteTimeUtc == _modified)
        {
            return;
        }

        if (file.Exists && file.Length > MaxFileBytes)
        {
            throw new IOException($"it has {file.Length} octets, more than {MaxFileBytes}");
        }

        UpstreamSet read = file.Exists ? new UpstreamSet(Parse(File.ReadLines(path)).Select(FromHost)) : UpstreamSet.None;
        Volatile.Write(ref _ofHost, read);
        _modified = file.Exists ? file.LastWriteTimeUtc : default;
    }

    private static Upstream FromHost(IPEndPoint endPoint) => new(endPoint) { IsFromHost = true };

    [LoggerMessage(
        EventId = 2001,
        Level = LogLevel.Warning,
        Message = "Cannot read the upstreams from {Path}: {Reason}; the ones known before stay in use.")]
    private static partial void LogUnreadable(ILogger logger, string path, string reason);
}
