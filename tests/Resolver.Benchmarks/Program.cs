// SPDX-License-Identifier: Apache-2.0

using System.Globalization;
using Resolver.Benchmarks;

// Called by connect.sh, which makes the namespaces: COUNT PEER_COUNT ROUNDS [SOCKET]. Without a socket only the peer is measured.
if (args.Length is not (3 or 4))
{
    await Console.Error.WriteLineAsync("run connect.sh, which prepares what this needs");
    return 2;
}

int[] numbers = [.. args.Take(3).Select(number => int.Parse(number, CultureInfo.InvariantCulture))];
string helpers = Environment.GetEnvironmentVariable("PODMAN_HELPERS") ?? "/usr/lib/podman";
using DaemonConnects? ours = args.Length == 4 ? new DaemonConnects(args[3], "bench", numbers[0] + SideBySide.WarmUps) : null;
using NetavarkSetups theirs = new(helpers, numbers[1] + SideBySide.WarmUps);
await new SideBySide(ours, theirs, Rounds: numbers[2]).RunAsync(Console.Out);
return 0;
