// SPDX-License-Identifier: Apache-2.0

using System.Net;
using Resolver.Core.Endpoints;
using Resolver.Linux;
using Resolver.Linux.Netlink.Conntrack;

namespace Resolver.Networking.Applying;

/// <summary>
/// Tracked UDP flows that a change of published ports leaves behind. A flow is translated by its first packet alone, and UDP has no end: a client that
/// goes on sending from one port would reach the host, or an endpoint that is gone, for as long as it sends.
/// </summary>
internal static class StaleFlows
{
    /// <summary>Forgets those to an endpoint and those to the host's ports that it publishes.</summary>
    /// <exception cref="KernelException">The kernel refused.</exception>
    internal static void Forget(HostKernel host, Endpoint endpoint)
    {
        HashSet<IPAddress> own = [.. host.Route.Addresses().Select(entry => entry.Address)];
        PublishedPort[] ports = [.. endpoint.Ports.Where(port => port.Protocol == TransportProtocol.Udp)];
        try
        {
            using ConntrackSocket conntrack = host.OpenConntrack();
            foreach (Flow flow in conntrack.Flows(flow => flow.Protocol == (byte)TransportProtocol.Udp && IsStale(flow)))
            {
                conntrack.Delete(flow);
            }
        }
        catch (KernelException e) when (e.Errno is Errno.EINVAL or Errno.EPROTONOSUPPORT or Errno.EOPNOTSUPP)
        {
            // A kernel that can't list flows can't be asked to forget one either. They end by themselves, at the latest when their client pauses.
        }

        bool IsStale(Flow flow) =>
            endpoint.Addresses.Contains(flow.Responder.Address)
            || (own.Contains(flow.Destination.Address) && ports.Any(port => Leads(port, flow.Destination)));
    }

    private static bool Leads(PublishedPort port, IPEndPoint destination) =>
        port.HostPorts.First <= destination.Port && destination.Port <= port.HostPorts.Last
        && (port.IsOnAll ? port.Family == destination.AddressFamily : port.HostAddress.Equals(destination.Address));
}
