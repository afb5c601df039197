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

        // Not looked at before: to look costs more than to write, and what is there leads to the port of a responder that is gone.
        steps.Add(new KernelStep.RewritePort(desired.Present ? desired.ResponderPort : null));
        return steps.ToImmutable();
    }
}
