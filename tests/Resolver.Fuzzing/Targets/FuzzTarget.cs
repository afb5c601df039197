// SPDX-License-Identifier: Apache-2.0

namespace Resolver.Fuzzing.Targets;

/// <summary>A parser with the invariants that any input must leave whole.</summary>
/// <param name="Name">What the command line and the corpus's folder call it.</param>
/// <param name="Run">Takes any octets; throws for nothing but a bug.</param>
internal sealed record FuzzTarget(string Name, FuzzTarget.Action Run)
{
    internal delegate void Action(ReadOnlySpan<byte> input);

    /// <summary>One for each parser that outside octets reach.</summary>
    internal static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("question", QuestionTarget.Run),
        new("reply", ReplyTarget.Run),
        new("frames", FramesTarget.Run),
        new("resolvconf", ResolvConfTarget.Run),
        new("text", TextTarget.Run),
    ];
}
