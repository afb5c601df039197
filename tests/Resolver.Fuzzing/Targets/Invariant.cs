// SPDX-License-Identifier: Apache-2.0

using Resolver.Dns.Wire;

namespace Resolver.Fuzzing.Targets;

/// <summary>What must hold; throws where it does not.</summary>
internal static class Invariant
{
    internal static void Holds(bool condition, string invariant)
    {
        if (!condition)
        {
            throw new InvalidOperationException($"this does not hold: {invariant}");
        }
    }

    /// <summary>A message whose counts are those of its RRs, whose RDATA is whole, with one OPT at most, and nothing behind the last RR.</summary>
    internal static void IsWholeMessage(ReadOnlySpan<byte> message)
    {
        Holds(message.Length >= MessageHeader.LengthBytes, "a message has a header");
        int position = MessageHeader.LengthBytes;
        int questions = MessageHeader.QuestionCount(message);
        Holds(questions <= 1, "no more than one question");
        if (questions == 1)
        {
            Holds(WireNames.TryPassPlain(message, position, out position) && message.Length - position >= 4, "the question is whole");
            position += 4;
        }

        RrReader reader = new(message, position);
        int opts = 0;
        int total = MessageHeader.AnswerCount(message) + MessageHeader.AuthorityCount(message) + MessageHeader.AdditionalCount(message);
        for (int i = 0; i < total; i++)
        {
            Holds(reader.TryPass(), "there are as many RRs as the header says");
            Holds(RdataShape.IsKept(message, in reader), "RDATA is what its type says");
            opts += reader.Type == RrTypes.Opt ? 1 : 0;
        }

        Holds(opts <= 1, "no more than one OPT");
        Holds(reader.Position == message.Length, "nothing behind the last RR");
    }

    /// <summary>True if the message ends with an OPT of ours.</summary>
    internal static bool HasOpt(ReadOnlySpan<byte> message)
    {
        Question question = default;
        return question.Parse(message) == QuestionProblem.None && question.HasOpt;
    }
}
