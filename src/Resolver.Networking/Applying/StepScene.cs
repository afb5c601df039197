// SPDX-License-Identifier: Apache-2.0

using Resolver.Linux;
using Resolver.Linux.Netlink.Route;
using Resolver.Networking.Planning;

namespace Resolver.Networking.Applying;

/// <summary>Where the steps of one plan work: the host, the sandbox if they are about one, and the indexes of links that were looked up already.</summary>
internal sealed class StepScene
{
    private readonly HostKernel _host;
    private readonly SandboxAccess? _access;
    private readonly Dictionary<(StepPlace Place, string Name), LinkIndex> _indexes = [];

    internal StepScene(HostKernel host, SandboxAccess? access)
    {
        _host = host;
        _access = access;
    }

    internal SandboxAccess Sandbox => _access ?? throw new InvalidOperationException("a step inside a sandbox needs access to it");

    internal RouteSocket RouteOf(StepPlace place) => place == StepPlace.Host ? _host.Route : Sandbox.Route;

    /// <summary>A link's index by its name.</summary>
    /// <exception cref="KernelException">ENODEV: it is gone.</exception>
    internal LinkIndex IndexOf(StepPlace place, string name)
    {
        if (!_indexes.TryGetValue((place, name), out LinkIndex index))
        {
            index = RouteOf(place).FindLink(name)?.Index ?? throw new KernelException("RTM_GETLINK", $"link {name}", Errno.ENODEV, "it is gone");
            _indexes[(place, name)] = index;
        }

        return index;
    }

    /// <summary>Forgets the indexes: a link comes or goes, and another may have its name.</summary>
    internal void ForgetIndexes() => _indexes.Clear();
}
