// SPDX-License-Identifier: Apache-2.0

namespace Resolver.EndToEnd.Asking;

/// <summary>A program that people resolve names with.</summary>
/// <param name="Name">What it is called in the name of a test.</param>
/// <param name="Command">The command line that asks for the IPv4 and IPv6 addresses of NAME.</param>
/// <param name="NotFound">What it says of a name that does not exist.</param>
/// <param name="Status">Its exit status then.</param>
/// <param name="Extent">How much of an answer it shows.</param>
/// <param name="FoundStatus">Its exit status when the name exists.</param>
public sealed record Client(
    string Name, string Command, string NotFound, int Status = 1, Extent Extent = Extent.Everything, int FoundStatus = 0)
{
    private const string Dig = "+tries=1 +time=5";

    /// <summary>All of them. Programs that take long to start say themselves how long the call took (clients/lookup.*).</summary>
    public static IReadOnlyList<Client> All { get; } =
    [
        new("dig", $"dig {Dig} NAME A NAME AAAA", "status: NXDOMAIN", 0),
        new("dig over TCP", $"dig {Dig} +tcp NAME A NAME AAAA", "status: NXDOMAIN", 0),
        new("host", "host NAME", "not found: 3(NXDOMAIN)"),
        new("nslookup", "nslookup NAME", "server can't find NAME: NXDOMAIN"),
        new("nslookup of busybox", "busybox nslookup NAME", "server can't find NAME: NXDOMAIN", Extent: Extent.Datagram),
        new("drill", "drill NAME A; drill NAME AAAA", "rcode: NXDOMAIN", 0, Extent.Datagram),
        new("drill over TCP", "drill -t NAME A; drill -t NAME AAAA", "rcode: NXDOMAIN", 0),
        new("kdig", "kdig NAME A NAME AAAA", "status: NXDOMAIN", 0),
        new("getaddrinfo of glibc", "/run/host/lookup-glibc NAME", "NAME: Name or service not known"),
        new("getaddrinfo of musl", "/run/host/lookup-musl NAME", "NAME: Name does not resolve", Extent: Extent.Datagram),
        new("getent ahosts", "getent ahosts NAME", "", 2),
        new("getent hosts", "getent hosts NAME", "", 2, Extent.Family),
        new("c-ares", "/run/host/lookup-cares NAME", "NAME: Domain name not found"),
        new("Go's own resolver", "/run/host/lookup-go NAME", "lookup NAME on 127.0.0.11:53: no such host"),
        new("dns.lookup of Node", "node /run/host/clients/lookup.mjs lookup NAME", "getaddrinfo ENOTFOUND NAME"),
        new("dns.resolve of Node", "node /run/host/clients/lookup.mjs resolve NAME", "ENOTFOUND NAME"),
        new("Python", "/usr/bin/python3 /run/host/clients/lookup.py NAME", "[Errno -2] Name or service not known"),
        new("curl", "curl --silent --show-error http://NAME", "Could not resolve host: NAME", 6, Extent.Connection),
        // No PostgreSQL listens: psql tells of every address that it tried.
        new("psql", "psql --host NAME --no-password", "could not translate host name \"NAME\" to address: Name or service not known", 2, FoundStatus: 2),
        // What nginx says of a name is in its log.
        new("nginx", "curl --silent 'http://127.0.0.1:8053/?name=NAME'; grep -o ' NAME could not .*)' /run/host/nginx-asker.log || true",
            " NAME could not be resolved (3: Host not found)", 0, Extent.Connection),
    ];
}
