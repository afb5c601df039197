// SPDX-License-Identifier: Apache-2.0

namespace Resolver.Core.Endpoints;

/// <summary>Published ports that can't be published beside each other. Pure.</summary>
public static class PortConflicts
{
    /// <summary>Two of these ports that conflict, the one that stands first before the other; null if there are none. Few of thousands are compared.</summary>
    public static (PublishedPort First, PublishedPort Second)? Find(IEnumerable<PublishedPort> ports)
    {
        // In the order in which they begin, only those can conflict that have not ended yet.
        List<PublishedPort> begun = [];
        foreach (PublishedPort port in ports.OrderBy(port => port.Protocol).ThenBy(port => port.HostPorts.First))
        {
            begun.RemoveAll(other => other.Protocol != port.Protocol || other.HostPorts.Last < port.HostPorts.First);
            if (begun.Find(port.Conflicts) is { } other)
            {
                return (other, port);
            }

            begun.Add(port);
        }

        return null;
    }
}
