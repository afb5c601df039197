// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Resolver.Dns.Wire;

namespace Resolver.Dns.Forwarding;

/// <summary>
/// Finds upstreams that lead back to this daemon, such as a host's resolver that runs in a sandbox and forwards to 127.0.0.11. A question that
/// goes round is one question here, for identical ones share their upstream reply, so a loop costs time and no traffic. When one got no answer
/// though others waited for the same, its upstreams are asked for a name that nobody else can know; if that comes in as a question, whoever
/// was asked leads here and is left out for a while. Thread-safe.
/// </summary>
internal sealed partial class UpstreamLoops(UpstreamClient client, TimeProvider timeProvider, ILogger logger)
{
    private const int MaxSuspects = 256;
    private const byte TxtType = 16;

    private static readonly TimeSpan ProbeTime = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LeftOutFor = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan ProbeInterval = TimeSpan.FromMinutes(1);

    private readonly Dictionary<UpstreamServer, Suspect> _suspects = [];
    private readonly Lock _gate = new();

    // Below test, which nobody registers (RFC 6761 §6.2): nothing is revealed if it reaches the world.
    private static ReadOnlySpan<byte> ProbeDomain => "\u000dresolver-loop\u0004test\0"u8;

    /// <summary>Those that do not lead back here, as far as is known.</summary>
    internal ImmutableArray<UpstreamServer> Without(ImmutableArray<UpstreamServer> servers)
    {
        lock (_gate)
        {
            return _suspects.Count == 0 ? servers : [.. servers.Where(server => !IsLooping(server))];
        }
    }

    /// <summary>Probes those that were not probed lately, in the background.</summary>
    internal void Probe(ImmutableArray<UpstreamServer> servers)
    {
        long now = timeProvider.GetTimestamp();
        foreach (UpstreamServer server in servers)
        {
            byte[] question = ProbeQuestion();
            lock (_gate)
            {
                if (_suspects.TryGetValue(server, out Suspect? known) && timeProvider.GetElapsedTime(known.Probed, now) < ProbeInterval)
                {
                    continue;
                }

                if (_suspects.Count >= MaxSuspects)
                {
                    _suspects.Remove(_suspects.MinBy(pair => pair.Value.Probed).Key);
                }

                _suspects[server] = new Suspect(question[MessageHeader.LengthBytes..^(4 + Edns.OptLengthBytes)], now);
            }

            _ = Task.Run(() => AskAsync(server, question));
        }
    }

    /// <summary>True if a name (plain, with its zero) is a probe of ours that came back; whoever was asked for it is left out from now on.</summary>
    internal bool Recognizes(ReadOnlySpan<byte> name)
    {
        if (!WireNames.IsWithin(name, ProbeDomain))
        {
            return false;
        }

        lock (_gate)
        {
            foreach ((UpstreamServer server, Suspect suspect) in _suspects)
            {
                if (WireNames.EqualFolded(name, suspect.ProbeName))
                {
                    if (!suspect.IsLooping)
                    {
                        suspect.IsLooping = true;
                        LogLoop(logger, server, LeftOutFor.TotalMinutes);
                    }

                    return true;
                }
            }
        }

        return false;
    }

    private static byte[] ProbeQuestion()
    {
        string label = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        int nameLength = 1 + label.Length + ProbeDomain.Length;
        byte[] question = new byte[MessageHeader.LengthBytes + nameLength + 4 + Edns.OptLengthBytes];
        question[2] = MessageHeader.RecursionDesiredBit;
        MessageHeader.SetCounts(question, 1, 0, 0, 1);
        Span<byte> name = question.AsSpan(MessageHeader.LengthBytes, nameLength);
        name[0] = (byte)label.Length;
        Encoding.ASCII.GetBytes(label, name[1..]);
        ProbeDomain.CopyTo(name[(1 + label.Length)..]);
        question[MessageHeader.LengthBytes + nameLength + 1] = TxtType;
        question[MessageHeader.LengthBytes + nameLength + 3] = (byte)RrTypes.ClassIn;
        Edns.Write(question.AsSpan()[^Edns.OptLengthBytes..], 0, dnssecOk: false);
        return question;
    }

    private bool IsLooping(UpstreamServer server) =>
        _suspects.TryGetValue(server, out Suspect? suspect) && suspect.IsLooping && timeProvider.GetElapsedTime(suspect.Probed) < LeftOutFor;

    private async Task AskAsync(UpstreamServer server, byte[] question)
    {
        using CancellationTokenSource limit = new(ProbeTime, timeProvider);
        try
        {
            await client.AskAsync(server, question, limit.Token).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is SocketException or IOException or OperationCanceledException)
        {
            // What it says does not matter: only whether the question comes in here.
        }
    }

    [LoggerMessage(
        EventId = 2005,
        Level = LogLevel.Warning,
        Message = "The upstream {Upstream} leads back to this daemon: a question sent to it came in again. It is left out for {Minutes} minutes.")]
    private static partial void LogLoop(ILogger logger, UpstreamServer upstream, double minutes);

    private sealed record Suspect(byte[] ProbeName, long Probed)
    {
        internal bool IsLooping { get; set; }
    }
}
