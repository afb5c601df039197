// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Resolver.Core.Endpoints;
using Resolver.Core.Names;

namespace Resolver.Store.Documents;

/// <summary>A sandbox as it is stored. Its members are the format on disk: renaming one needs a migration.</summary>
internal sealed record SandboxDocument(
    string Id,
    string Name,
    string NetnsPath,
    ulong NetnsDevice,
    ulong NetnsInode,
    bool OwnsNetns,
    ImmutableArray<string> Upstreams,
    int? ProcessId = null,
    ulong? ProcessStartTimeTicks = null,
    string? Hostname = null)
{
    internal static SandboxDocument Of(Sandbox sandbox) => new(
        sandbox.Id.Value,
        sandbox.Name.Value,
        sandbox.NetnsPath,
        sandbox.Netns.Device,
        sandbox.Netns.Inode,
        sandbox.OwnsNetns,
        Text.Of(sandbox.Upstreams),
        sandbox.Process?.Pid,
        sandbox.Process?.StartTimeTicks,
        sandbox.Hostname?.Value);

    internal Sandbox ToSandbox() => new()
    {
        Id = Text.ToId(Id),
        Name = ObjectName.Parse(Name, "name"),
        NetnsPath = NetnsPath,
        Netns = new NetnsIdentity(NetnsDevice, NetnsInode),
        OwnsNetns = OwnsNetns,
        Upstreams = Text.ToUpstreams(Upstreams),
        Process = ToProcess(),
        Hostname = Hostname is null ? null : DnsName.Parse(Hostname, "hostname"),
    };

    private ProcessIdentity? ToProcess() => (ProcessId, ProcessStartTimeTicks) switch
    {
        (null, null) => null,
        ({ } pid, { } ticks) => new ProcessIdentity(pid, ticks),
        _ => throw new FormatException("a process has both a pid and a start time"),
    };
}
