// SPDX-License-Identifier: Apache-2.0

using System.Diagnostics;
using System.Globalization;
using System.Text;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Resolver.EndToEnd.Hosts;

namespace Resolver.EndToEnd.Endpoints;

/// <summary>Connecting and disconnecting leaves nothing, however often.</summary>
public sealed class ConnectCyclesTests(RunningHost running) : IClassFixture<RunningHost>
{
    private const int WarmUp = 100;
    private const int Cycles = 1000;

    // What the heap and the runtime's pools grow by after the warm-up; a kibibyte lost in each cycle is caught by it several times over.
    private const int MostGrowthKibibytes = 24 * 1024;
    private static readonly TimeSpan Most = TimeSpan.FromSeconds(60);

    private static readonly Method<byte[], byte[]> Connect =
        new(MethodType.Unary, "resolver.v1.EndpointService", "Connect", DaemonChannel.Octets, DaemonChannel.Octets);

    private static readonly Method<byte[], byte[]> Disconnect =
        new(MethodType.Unary, "resolver.v1.EndpointService", "Disconnect", DaemonChannel.Octets, DaemonChannel.Octets);

    private readonly HostNamespace _host = running.Host;

    [Fact]
    public async Task A_thousand_connects_of_a_running_sandbox_leave_descriptors_rules_links_and_memory_as_they_were()
    {
        await _host.OkAsync("""
            resolver network create still --subnet 172.30.1.0/24; resolver network create busy --subnet 172.30.2.0/24 --subnet fd00:2::/64
            sandbox web still; sandbox peer busy
            """);
        using GrpcChannel channel = DaemonChannel.Open(_host);
        CallInvoker daemon = channel.CreateCallInvoker();
        await CycleAsync(daemon, WarmUp);
        Usage before = await MeasureAsync();

        Stopwatch clock = Stopwatch.StartNew();
        await CycleAsync(daemon, Cycles);
        Assert.True(clock.Elapsed < Most, $"{Cycles} cycles took {clock.Elapsed}");

        Usage after = await MeasureAsync();
        Assert.Equal(before.Kernel, after.Kernel);
        Assert.Equal(before.Descriptors, after.Descriptors);
        Assert.InRange(after.Threads, 0, before.Threads + 8);
        Assert.True(
            after.ResidentKibibytes < before.ResidentKibibytes + MostGrowthKibibytes,
            $"resident memory went from {before.ResidentKibibytes} KiB to {after.ResidentKibibytes} KiB in {Cycles} cycles");
        await _host.OkAsync("remove web peer; resolver network rm still busy");
    }

    private static async Task CycleAsync(CallInvoker daemon, int count)
    {
        // ConnectRequest of endpoint.proto: network = 1, sandbox = 4, aliases = 6, ports = 10, sysctls = 21, routes = 22, links = 23.
        byte[] connect = Message(output =>
        {
            Write(output, 1, "busy");
            Write(output, 4, "web");
            Write(output, 6, "www");
            Write(output, 10, Message(port =>
            {
                port.WriteTag(2, WireFormat.WireType.Varint);
                port.WriteUInt32(8080);
                port.WriteTag(3, WireFormat.WireType.Varint);
                port.WriteUInt32(80);
            }));
            Write(output, 21, "net.ipv4.conf.IFNAME.log_martians=1");
            Write(output, 22, Message(route =>
            {
                Write(route, 1, "10.8.0.0/16");
                Write(route, 2, "172.30.2.1");
            }));
            Write(output, 23, "peer:friend");
        });

        // DisconnectRequest: network = 1, sandbox = 2.
        byte[] disconnect = Message(output =>
        {
            Write(output, 1, "busy");
            Write(output, 2, "web");
        });
        for (int i = 0; i < count; i++)
        {
            await daemon.AsyncUnaryCall(Connect, null, Within(), connect);
            await daemon.AsyncUnaryCall(Disconnect, null, Within(), disconnect);
        }
    }

    private static CallOptions Within() =>
        new(deadline: TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(10), cancellationToken: TestContext.Current.CancellationToken);

    private static byte[] Message(Action<CodedOutputStream> write)
    {
        using MemoryStream message = new();
        using (CodedOutputStream output = new(message, leaveOpen: true))
        {
            write(output);
        }

        return message.ToArray();
    }

    private static void Write(CodedOutputStream output, int field, string text) => Write(output, field, Encoding.UTF8.GetBytes(text));

    private static void Write(CodedOutputStream output, int field, byte[] octets)
    {
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(ByteString.CopyFrom(octets));
    }

    private async Task<Usage> MeasureAsync()
    {
        // Announcements of the last endpoints end by themselves; sockets of the daemon that serve nobody would not.
        const string Inspect = """
            pid=$(cat /run/host/daemon.pid)
            # The runtime opens a library when it first needs it, and keeps it open.
            descriptors() { for fd in /proc/"$pid"/fd/*; do readlink "$fd" | sed -E 's/:?\[[0-9]+\]//; s/[0-9]+$//'; done | grep -v '\.dll$' | sort | uniq -c; }
            descriptors
            echo ---
            awk '/^VmRSS/ { print $2 }' /proc/"$pid"/status
            awk '/^Threads/ { print $2 }' /proc/"$pid"/status
            echo ---
            strip() { sed -E 's/"(ifindex|link_index|operstate|flags|qdisc|link_netnsid)":(\[[^]]*\]|[^,}]*)//g; s/"(valid_life_time|preferred_life_time|[a-z_]+_timer)":[0-9.]+//g'; }
            for place in host web peer; do
              run() { if [[ $place == host ]]; then "$@"; else ip netns exec "$place" "$@"; fi; }
              run ip -d -j link | strip; run ip -j address | strip; run ip -j route show table all | strip; run ip -6 -j route show table all | strip
            done
            nft -s list ruleset
            """;
        string[] parts = (await _host.OkAsync(Inspect)).Split("---\n");
        string[] numbers = parts[1].Split('\n');
        return new Usage(
            parts[0], int.Parse(numbers[0], CultureInfo.InvariantCulture), int.Parse(numbers[1], CultureInfo.InvariantCulture), parts[2]);
    }

    private sealed record Usage(string Descriptors, int ResidentKibibytes, int Threads, string Kernel);
}
