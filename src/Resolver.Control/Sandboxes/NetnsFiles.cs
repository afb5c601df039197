// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Resolver.Core.Endpoints;
using Resolver.Core.Failures;
using Resolver.Core.Names;
using Resolver.Networking.Sandboxes;

namespace Resolver.Control.Sandboxes;

/// <summary>
/// resolv.conf and hosts of a sandbox, for those whose namespace lies where `ip netns` looks. A directory whose resolv.conf does not name our
/// responder is somebody else's and left alone.
/// </summary>
/// <param name="Directory">Such as /etc/netns/web.</param>
/// <param name="ResolvConf">The text of resolv.conf.</param>
/// <param name="Hosts">The text of hosts.</param>
internal sealed record NetnsFiles(string Directory, string ResolvConf, string Hosts)
{
    private const string OurNameserver = "nameserver 127.0.0.11";

    /// <summary>The files of a sandbox without one of its endpoints; null if its namespace lies elsewhere, as that of a process. Pure.</summary>
    internal static NetnsFiles? Of(DesiredState state, Sandbox sandbox, ControlOptions options, ObjectId? without = null)
    {
        if (DirectoryOf(sandbox, options) is not { } directory)
        {
            return null;
        }

        ImmutableArray<Endpoint> endpoints = state.EndpointsOfSandbox(sandbox.Id).RemoveAll(endpoint => endpoint.Id == without);
        return new NetnsFiles(
            directory,
            SandboxFiles.ResolvConf(endpoints.SelectMany(endpoint => state.Networks[endpoint.NetworkId].Search).Distinct()),
            SandboxFiles.Hosts(sandbox, endpoints.SelectMany(endpoint => endpoint.Addresses)));
    }

    /// <summary>Where the files of a sandbox lie; null if it has none.</summary>
    internal static string? DirectoryOf(Sandbox sandbox, ControlOptions options) =>
        Path.GetDirectoryName(sandbox.NetnsPath) == Path.TrimEndingDirectorySeparator(options.NetnsDirectory)
            ? Path.Combine(options.NetnsFilesDirectory, Path.GetFileName(sandbox.NetnsPath))
            : null;

    /// <summary>Writes the files, unless somebody else's are there.</summary>
    internal void Write()
    {
        if (!IsForeign(Directory))
        {
            SandboxFiles.Write(Directory, ResolvConf, Hosts);
        }
    }

    /// <summary>Removes the files, unless they are somebody else's.</summary>
    internal static void Remove(string directory)
    {
        if (!IsForeign(directory))
        {
            SandboxFiles.Remove(directory);
        }
    }

    /// <summary>Refuses a sandbox of ours whose files would replace somebody else's.</summary>
    internal void RefuseForeign(ObjectName name)
    {
        if (IsForeign(Directory))
        {
            throw RefusedException.Taken(
                Directory, $"create sandbox {name}: {Directory} holds files that are not ours; choose another name, or move them away");
        }
    }

    private static bool IsForeign(string directory)
    {
        string resolvConf = Path.Combine(directory, "resolv.conf");
        return File.Exists(resolvConf)
            ? !File.ReadLines(resolvConf).Contains(OurNameserver)
            : File.Exists(Path.Combine(directory, "hosts"));
    }
}
