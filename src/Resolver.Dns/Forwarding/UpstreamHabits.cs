// SPDX-License-Identifier: Apache-2.0

namespace Resolver.Dns.Forwarding;

/// <summary>What an upstream was seen to do that others do not; forgotten after a while, as servers are mended.</summary>
[Flags]
internal enum UpstreamHabits
{
    None = 0,

    /// <summary>It answers FORMERR to a question with OPT.</summary>
    RefusesEdns = 1,

    /// <summary>It does not echo the question's case, so that the case can't tell its replies from forged ones.</summary>
    ChangesCase = 2,
}
