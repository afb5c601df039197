// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;

namespace Resolver.Networking.Planning;

/// <summary>What a plan repairs, in words for a log. What follows from a link that is made anew is not named. Pure.</summary>
internal static class RepairText
{
    internal static ImmutableArray<string> Of(ImmutableArray<KernelStep> plan)
    {
        ImmutableArray<string> anew = [.. plan.Select(Anew).OfType<string>()];
        return anew.IsEmpty ? [.. plan.Select(Of)] : anew;
    }

    private static string? Anew(KernelStep step) => step switch
    {
        KernelStep.CreateBridge create => $"bridge {create.Name} made anew",
        KernelStep.CreateVeth create => $"link {create.Endpoint.HostLink} made anew",
        _ => null,
    };

    private static string Of(KernelStep step) => step switch
    {
        KernelStep.SetLink { Up: true } set => $"link {set.Name} set up",
        KernelStep.SetMaster set => $"link {set.Name} put back into bridge {set.Bridge}",
        KernelStep.SetGroup set => $"group of link {set.Name} set back from {set.Before}",
        KernelStep.AddAddress add => $"address {add.Address}/{add.PrefixLength} put back on {add.Link}",
        KernelStep.ChangeSetting change => $"{change.Key} set back to {change.Value}",
        KernelStep.WriteSysctl write => $"{write.Key} set back to {write.Value}",
        KernelStep.ChangeElements => "elements put back",
        _ => step.GetType().Name,
    };
}
