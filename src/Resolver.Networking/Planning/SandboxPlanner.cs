// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Resolver.Core.Names;
using Resolver.Networking.Observing;

namespace Resolver.Networking.Planning;

/// <summary>The inside of a sandbox: desired and observed to steps. Pure.</summary>
internal static class SandboxPlanner
{
    internal static readonly InterfaceName Loopback = InterfaceName.Parse("lo", "link");

    internal static ImmutableArray<KernelStep> Plan(DesiredSandbox desired, ObservedSandbox observed)
    {
        ImmutableArray<KernelStep>.Builder steps = ImmutableArray.CreateBuilder<KernelStep>();
        if (desired.Present && !observed.IsLoopbackUp)
        {
            steps.Add(new KernelStep.SetLink(StepPlace.Sandbox, Loopback, Up: true));
        }

        ushort? port = desired.Present ? desired.ResponderPort : null;
        if (observed.RewrittenPort != port)
        {
            steps.Add(new KernelStep.RewritePort(port, observed.RewrittenPort));
        }

        return steps.ToImmutable();
    }
}
