// SPDX-License-Identifier: Apache-2.0

using System.Globalization;
using Grpc.Net.Client;
using Resolver.Benchmarks;

// Called by connect.sh and scale.sh, which prepare what this needs.
switch (args)
{
    // Without a socket only the peer is measured.
    case ["side-by-side", var count, var peerCount, var rounds, .. var socket] when socket.Length <= 1:
        string helpers = Environment.GetEnvironmentVariable("PODMAN_HELPERS") ?? "/usr/lib/podman";
        using (DaemonConnects? ours = socket is [var path] ? new DaemonConnects(path, "bench", Number(count) + SideBySide.WarmUps) : null)
        using (NetavarkSetups theirs = new(helpers, Number(peerCount) + SideBySide.WarmUps))
        {
            await new SideBySide(ours, theirs, Rounds: Number(rounds)).RunAsync(Console.Out);
        }

        return 0;

    case ["connect", var socket, var network, var prefix, var count]:
        using (GrpcChannel channel = DaemonChannel.Open(socket))
        {
            await new Crowding(channel, network).ConnectAsync(prefix, Number(count));
        }

        return 0;

    case ["register", var socket, var network, var prefix, var count, var address]:
        using (GrpcChannel channel = DaemonChannel.Open(socket))
        {
            await new Crowding(channel, network).RegisterAsync(prefix, Number(count), address);
        }

        return 0;

    case ["change", var socket, var network, var seconds, var changesPerSecond, var address]:
        using (GrpcChannel channel = DaemonChannel.Open(socket))
        {
            await Console.Out.WriteLineAsync(
                $"{await new Crowding(channel, network).ChangeAsync(TimeSpan.FromSeconds(Number(seconds)), Number(changesPerSecond), address)}");
        }

        return 0;

    default:
        await Console.Error.WriteLineAsync("run connect.sh or scale.sh, which prepare what this needs");
        return 2;
}

static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
