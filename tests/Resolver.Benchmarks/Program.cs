// SPDX-License-Identifier: Apache-2.0

using System.Globalization;
using Grpc.Net.Client;
using Resolver.Benchmarks;

// Called by the scripts beside it, which prepare what this needs.
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
            await new Crowding(channel, network).ConnectAsync(prefix, first: 0, Number(count));
        }

        return 0;

    case [("fill" or "networks" or "each" or "publish" or "unpublish") and var what, var socket, var network, var prefix, var first, var count]:
        using (GrpcChannel channel = DaemonChannel.Open(socket))
        {
            Crowding crowding = new(channel, network);
            await (what switch
            {
                "fill" => crowding.ConnectAsync(prefix, Number(first), Number(count)),
                "networks" => crowding.CreateNetworksAsync(prefix, Number(count)),
                "each" => crowding.ConnectEachAsync(prefix, Number(count)),
                "publish" => crowding.PublishAsync(prefix, Number(first), Number(count)),
                _ => crowding.UnpublishAsync(prefix, Number(first), Number(count)),
            });
        }

        return 0;

    // A line for each call, milliseconds: of connects one number, of publishing that of Publish and that of Unpublish.
    case ["time-connect", var socket, var network, var prefix, var namespaces, var count]:
        using (GrpcChannel channel = DaemonChannel.Open(socket))
        {
            await WriteAsync(await new DaemonCalls(channel).ConnectAsync(network, prefix, Number(namespaces), Number(count)));
        }

        return 0;

    case ["time-docker", var socket, var network, var prefix, var containers, var count]:
        using (DockerConnects docker = new(socket))
        {
            await WriteAsync(await docker.ConnectAsync(network, prefix, Number(containers), Number(count)));
        }

        return 0;

    case ["time-netavark", var first, var count]:
        using (NetavarkSetups netavark = new(Environment.GetEnvironmentVariable("PODMAN_HELPERS") ?? "/usr/lib/podman", Number(count), Number(first)))
        {
            await WriteAsync(await SideBySide.MeasureAsync(netavark, Number(count)));
        }

        return 0;

    case ["time-publish", var socket, var sandbox, var hostAddress, var firstPort, var ports, var count]:
        using (GrpcChannel channel = DaemonChannel.Open(socket))
        {
            (double[] publish, double[] unpublish) = await new DaemonCalls(channel).PublishAsync(
                sandbox, hostAddress, Number(firstPort), Number(ports), Number(count));
            await WriteAsync(publish, unpublish);
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
        await Console.Error.WriteLineAsync("run connect.sh, scale.sh or network.sh, which prepare what this needs");
        return 2;
}

static async Task WriteAsync(double[] times, double[]? more = null)
{
    for (int i = 0; i < times.Length; i++)
    {
        string second = more is null ? "" : string.Create(CultureInfo.InvariantCulture, $" {more[i]:F4}");
        await Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{times[i]:F4}{second}"));
    }
}

static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
