// SPDX-License-Identifier: Apache-2.0

namespace Resolver.Networking.Coexistence;

/// <summary>
/// Docker sets the policy of FORWARD to drop if it switches forwarding on itself. Where that was on, because a daemon of ours came first, the policy
/// stays: our sandboxes are kept from its containers' unpublished ports by our rules in DOCKER-USER, other machines by nothing.
/// </summary>
internal static class OpenForward
{
    /// <summary>One line: what it is and what to do.</summary>
    internal static string Warning(string program) =>
        $"chain FORWARD of {program} accepts what no rule drops, since Docker found forwarding switched on: other machines may reach unpublished ports "
        + $"of its containers: set the policy with {program} -P FORWARD DROP, and start Docker before resolverd";
}
