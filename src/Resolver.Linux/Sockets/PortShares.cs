// SPDX-License-Identifier: Apache-2.0

using Resolver.Linux.Namespaces;

namespace Resolver.Linux.Sockets;

/// <summary>
/// Deals what is to be done for each of many sockets out to the cores: the kernel needs 3 to 4 µs to make one and as many to close it, and they have nothing
/// to do with each other.
/// </summary>
internal static class PortShares
{
    // With fewer it is done before another thread has begun.
    private const int LeastPorts = 128;

    /// <summary>Runs the work for all shares; returns when all have ended.</summary>
    /// <param name="netns">The calling thread's namespace, for other threads to enter; null if the work has to do with none.</param>
    /// <param name="ports">How many.</param>
    /// <param name="work">Is given the first of a share and the first behind it. Does not throw.</param>
    /// <exception cref="KernelException">Another thread could not enter the namespace.</exception>
    internal static void Run(NetworkNamespace? netns, int ports, Action<int, int> work) =>
        Run(netns, (0, ports), Math.Clamp(ports / LeastPorts, 1, Environment.ProcessorCount), work);

    // A thread keeps the first half of the shares, and has the other dealt out by another, which does the same.
    private static void Run(NetworkNamespace? netns, (int First, int End) ports, int shares, Action<int, int> work)
    {
        if (shares == 1)
        {
            work(ports.First, ports.End);
            return;
        }

        int kept = shares / 2;
        int middle = ports.First + ((ports.End - ports.First) * kept / shares);
        NamespaceThread.RunBeside(
            netns, () => Run(netns, (middle, ports.End), shares - kept, work), () => Run(netns, (ports.First, middle), kept, work));
    }
}
