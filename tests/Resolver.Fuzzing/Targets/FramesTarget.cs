// SPDX-License-Identifier: Apache-2.0

using Resolver.Dns.Forwarding;

namespace Resolver.Fuzzing.Targets;

/// <summary>What an upstream sends by TCP or TLS. Octet 0: how many octets come at once. The stream follows.</summary>
internal static class FramesTarget
{
    private static readonly byte[] Question = FuzzedQuestions.Outside[0];

    internal static void Run(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty)
        {
            return;
        }

        byte[] octets = input[1..].ToArray();
        using DrippingStream stream = new(octets, input[0] + 1);
        int position = 0;
        while (TryRead(stream, out byte[] message))
        {
            Invariant.Holds(message.AsSpan().SequenceEqual(octets.AsSpan(position + 2, message.Length)), "a frame holds what was sent");
            position += 2 + message.Length;
            Exchange.IsAnswerTo(Question, message);
        }

        Invariant.Holds(octets.Length - position < 2 || octets.Length - position - 2 < (octets[position] << 8 | octets[position + 1]), "only half a frame ends it");
    }

    private static bool TryRead(DrippingStream stream, out byte[] message)
    {
        message = [];
        try
        {
            Task<byte[]> reading = Exchange.ReadFramedAsync(stream, CancellationToken.None);
            Invariant.Holds(reading.IsCompleted, "this stream is always ready");
#pragma warning disable VSTHRD002 // It has ended: nothing is waited for.
            message = reading.GetAwaiter().GetResult();
#pragma warning restore VSTHRD002
            return true;
        }
        catch (EndOfStreamException)
        {
            return false;
        }
    }

    /// <summary>Gives a few octets at a time, at once.</summary>
    private sealed class DrippingStream(byte[] octets, int atOnce) : MemoryStream(octets)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, atOnce)], cancellationToken);
    }
}
