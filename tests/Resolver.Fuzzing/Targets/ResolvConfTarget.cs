// SPDX-License-Identifier: Apache-2.0

using System.Net;
using System.Text;
using Resolver.Dns.Forwarding;

namespace Resolver.Fuzzing.Targets;

/// <summary>The host's resolv.conf, whatever is in it.</summary>
internal static class ResolvConfTarget
{
    internal static void Run(ReadOnlySpan<byte> input)
    {
        IPEndPoint[] read = [.. UpstreamList.Parse(Lines(Encoding.UTF8.GetString(input)))];
        Invariant.Holds(read.Distinct().Count() == read.Length, "each once");
        Invariant.Holds(read.All(endPoint => endPoint.Port == 53), "each at port 53");
        IEnumerable<IPEndPoint> again = UpstreamList.Parse(read.Select(endPoint => $"nameserver {endPoint.Address}"));
        Invariant.Holds(read.SequenceEqual(again), "what was read reads the same when it is written");
    }

    private static IEnumerable<string> Lines(string text)
    {
        using StringReader reader = new(text);
        while (reader.ReadLine() is { } line)
        {
            yield return line;
        }
    }
}
