// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Resolver.Daemon.Options;
using Resolver.Networking.Allocation;

namespace Resolver.Daemon.Hosting;

/// <summary>What tells this machine from others, so that its IPv6 networks get the same unique local prefix after every start (RFC 4193).</summary>
internal static class MachineIdentity
{
    private const string MachineIdPath = "/etc/machine-id"; // machine-id(5)

    /// <summary>The pools that nobody asked for: this machine's IPv6 prefix, unless an IPv6 pool was given.</summary>
    public static ImmutableArray<SubnetPool> DefaultPools(DaemonOptions options) => options.Pools.Any(pool => !pool.Prefix.IsIPv4)
        ? []
        : [new SubnetPool(UlaPrefix.Of(Read(options)), UlaPrefix.SubnetLengthBits)];

    // Where there is no machine id (a container, an old system), name and place of the state stay the same as long as the state does.
    private static string Read(DaemonOptions options)
    {
        try
        {
            string id = File.ReadAllText(MachineIdPath).Trim();
            if (id.Length > 0)
            {
                return id;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // None, or none for us.
        }

        return $"{Environment.MachineName} {options.StateDirectory}";
    }
}
