// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Resolver.Core.Addressing;
using Resolver.Networking.Allocation;

namespace Resolver.Daemon.Options;

/// <summary>All options but --config, --help and --version.</summary>
internal static class OptionDefinitions
{
    // sun_path of struct sockaddr_un (linux/un.h) has 108 octets, the last a NUL.
    private const int MaxSocketPathBytes = 107;

    private const int MaxPools = 64;

    /// <summary>In the order of the help.</summary>
    public static ImmutableArray<OptionDefinition> All { get; } =
    [
        new("run-dir", "DIR", "where the socket lives (default /run/resolver)", (o, v) => o with { RunDirectory = Absolute(v) }),
        new("state-dir", "DIR", "where desired state is stored (default /var/lib/resolver)", (o, v) => o with { StateDirectory = Absolute(v) }),
        new("socket", "PATH", "the gRPC socket (default RUN_DIR/resolver.sock)", (o, v) => o with { Socket = SocketPath(v) }),
        new("netns-dir", "DIR", "where namespaces are pinned by name (default /run/netns)", (o, v) => o with { NetnsDirectory = Absolute(v) }),
        new("netns-files-dir", "DIR", "where the sandboxes' resolv.conf and hosts lie (default /etc/netns)", (o, v) => o with { NetnsFilesDirectory = Absolute(v) }),
        new("pool", "CIDR:LEN", "take subnets of /LEN from CIDR when none is given; repeatable (default 10.201.0.0/16:24, and for IPv6 a unique local /48 of this machine in /64s)", (o, v) => o with { Pools = Pools(v) }) { Repeatable = true },
        new("resolv-conf", "PATH", "where the host's upstreams are read from (default /etc/resolv.conf)", (o, v) => o with { ResolvConf = Absolute(v) }),
        new("dns-cache-size", "MIB", "what replies of upstreams may take in memory, 0 to 4096 MiB, 0 for no cache (default 32)", (o, v) => o with { DnsCacheMebibytes = Number(v, 4096) }),
        new("dns-serve-stale", "SECONDS", "how long after its end an answer is given when no upstream answers, 0 for never (default 3600)", (o, v) => o with { DnsServeStaleSeconds = Number(v, 259200) }),
        new("dns-randomize-case", "BOOL", "true to mix the case of names asked of upstreams and to check it in replies, against forgers (default false)", (o, v) => o with { DnsRandomizesCase = Truth(v[0]) }),
        new("docker-user", "BOOL", "false to put no accept for our networks into Docker's chain DOCKER-USER (default true)", (o, v) => o with { UsesDockerUser = Truth(v[0]) }),
        new("log-level", "LEVEL", "trace, debug, information, warning or error (default information)", (o, v) => o with { LogLevel = Level(v[0]) }),
    ];

    private static string Absolute(ImmutableArray<string> values) =>
        Path.IsPathFullyQualified(values[0]) && !values[0].Contains('\0', StringComparison.Ordinal)
            ? Path.GetFullPath(values[0])
            : throw new FormatException("is no absolute path");

    private static string SocketPath(ImmutableArray<string> values)
    {
        string path = Absolute(values);
        return Encoding.UTF8.GetByteCount(path) <= MaxSocketPathBytes
            ? path
            : throw new FormatException($"is longer than the {MaxSocketPathBytes} octets that a socket's path may have");
    }

    private static ImmutableArray<SubnetPool> Pools(ImmutableArray<string> values)
    {
        if (values.Length > MaxPools)
        {
            throw new FormatException($"is one of {values.Length} pools, {MaxPools} are allowed");
        }

        ImmutableArray<SubnetPool> pools = [.. values.Select(Pool)];
        for (int i = 0; i < pools.Length; i++)
        {
            if (pools.Take(i).FirstOrDefault(earlier => earlier.Prefix.Overlaps(pools[i].Prefix)) is { } other)
            {
                throw new FormatException($"overlaps itself: {pools[i].Prefix} and {other.Prefix} share addresses");
            }
        }

        return pools;
    }

    private static SubnetPool Pool(string text)
    {
        int colon = text.LastIndexOf(':');
        bool valid = Subnet.TryParse(colon < 0 ? null : text[..colon], out Subnet? prefix)
            & int.TryParse(colon < 0 ? null : text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int length);
        if (!valid)
        {
            throw new FormatException("is no pool such as 10.201.0.0/16:24 or fd00:201::/48:64");
        }

        // Two addresses at least: a gateway and a sandbox.
        int longest = prefix!.IsIPv4 ? 31 : 127;
        return length >= prefix.PrefixLength && length <= longest
            ? new SubnetPool(prefix, length)
            : throw new FormatException($"asks for subnets of /{length}: choose from /{prefix.PrefixLength} to /{longest}");
    }

    private static int Number(ImmutableArray<string> values, int largest) =>
        int.TryParse(values[0], NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number <= largest
            ? number
            : throw new FormatException($"is no number from 0 to {largest}");

    private static bool Truth(string text) => text switch
    {
        "true" => true,
        "false" => false,
        _ => throw new FormatException("is neither true nor false"),
    };

    private static LogLevel Level(string text) =>
        Enum.TryParse(text, ignoreCase: true, out LogLevel level) && char.IsAsciiLetter(text[0]) && level is >= LogLevel.Trace and <= LogLevel.Error
            ? level
            : throw new FormatException("is none of trace, debug, information, warning, error");
}
