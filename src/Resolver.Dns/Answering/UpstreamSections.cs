// SPDX-License-Identifier: Apache-2.0

using Resolver.Dns.Wire;

namespace Resolver.Dns.Answering;

/// <summary>Where the sections of an upstream's reply end, and how much of it fits a client.</summary>
internal struct UpstreamSections
{
    private int _start;
    private int _answerEnd;
    private int _authorityEnd;
    private int _additionalEnd;
    private int _answers;
    private int _authorities;
    private int _additionals;

    /// <summary>Behind the question.</summary>
    internal readonly int Start => _start;

    /// <summary>Behind the last RR in front of OPT.</summary>
    internal readonly int End => _additionalEnd;

    /// <summary>The header's rcode with the upper eight bits of OPT (RFC 6891 §6.1.3).</summary>
    internal int ExtendedRcode { get; private set; }

    /// <summary>Walks all RRs once. What follows OPT in the additional section is left out: pointers lead only backwards, so a tail can go.</summary>
    /// <returns>
    /// False if an RR is malformed or the counts promise more than is there. RDATA is looked into as well: clients are the worse parsers, so that
    /// nothing may reach them which only looks whole from outside.
    /// </returns>
    internal bool TryMeasure(ReadOnlySpan<byte> reply, int questionEnd)
    {
        // An error may come without the question: where it would be in front of the RRs, there is something else.
        if (reply.Length < questionEnd || MessageHeader.QuestionCount(reply) != 1)
        {
            return false;
        }

        _start = questionEnd;
        _answers = MessageHeader.AnswerCount(reply);
        _authorities = MessageHeader.AuthorityCount(reply);
        ExtendedRcode = reply[3] & MessageHeader.RcodeMask;
        RrReader reader = new(reply, questionEnd);
        if (!TryPass(reply, ref reader, _answers, out _answerEnd) || !TryPass(reply, ref reader, _authorities, out _authorityEnd))
        {
            return false;
        }

        _additionalEnd = _authorityEnd;
        bool afterOpt = false;
        for (int i = MessageHeader.AdditionalCount(reply); i > 0; i--)
        {
            if (!reader.TryPass() || !RdataShape.IsKept(reply, in reader))
            {
                return false;
            }

            if (reader.Type == RrTypes.Opt)
            {
                afterOpt = true;
                ExtendedRcode |= (int)(reader.Ttl >> 24) << 4;
            }
            else if (!afterOpt)
            {
                _additionals++;
                _additionalEnd = reader.Position;
            }
        }

        return true;
    }

    /// <summary>How much fits: everything; or all but the additional section, which nobody asked for; or whole RRs of the answer, with TC (RFC 2181 §9).</summary>
    internal readonly (int End, int Answers, int Authorities, int Additionals, bool IsCut) Fit(ReadOnlySpan<byte> reply, int limit)
    {
        if (_additionalEnd <= limit)
        {
            return (_additionalEnd, _answers, _authorities, _additionals, false);
        }

        if (_authorityEnd <= limit)
        {
            return (_authorityEnd, _answers, _authorities, 0, false);
        }

        if (_answerEnd <= limit && _answers > 0)
        {
            return (_answerEnd, _answers, 0, 0, false);
        }

        RrReader reader = new(reply, _start);
        int end = _start;
        int fitting = 0;
        while (fitting < _answers && reader.TryPass() && reader.Position <= limit)
        {
            end = reader.Position;
            fitting++;
        }

        return (end, fitting, 0, 0, true);
    }

    private static bool TryPass(ReadOnlySpan<byte> reply, ref RrReader reader, int count, out int end)
    {
        for (int i = 0; i < count; i++)
        {
            if (!reader.TryPass() || reader.Type == RrTypes.Opt || !RdataShape.IsKept(reply, in reader))
            {
                end = 0;
                return false;
            }
        }

        end = reader.Position;
        return true;
    }
}
