// SPDX-License-Identifier: Apache-2.0

using Resolver.Control.Changes;

namespace Resolver.Control.Writing;

/// <summary>What the writer reads. The set of cases is closed.</summary>
internal abstract record WriterMessage
{
    private WriterMessage()
    {
    }

    /// <summary>A change to admit.</summary>
    internal sealed record Submitted(PreparedChange Change) : WriterMessage;

    /// <summary>The kernel has done its part, or refused.</summary>
    internal sealed record Finished(ChangeUnderWay UnderWay, Exception? Refusal) : WriterMessage;

    /// <summary>Time to write what may be written later.</summary>
    internal sealed record Flush : WriterMessage;
}

/// <summary>An admitted change until its reply.</summary>
/// <param name="Change">The change.</param>
/// <param name="Admitted">What it was admitted as.</param>
internal sealed record ChangeUnderWay(PreparedChange Change, Admitted Admitted);
