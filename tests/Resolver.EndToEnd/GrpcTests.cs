// SPDX-License-Identifier: Apache-2.0

using System.Text;
using Grpc.Core;
using Grpc.Net.Client;
using Resolver.EndToEnd.Hosts;

namespace Resolver.EndToEnd;

/// <summary>The socket as any gRPC client sees it. Messages are written by hand, so that nothing of the product's is used to read them.</summary>
public sealed class GrpcTests(RunningHost running) : IClassFixture<RunningHost>
{
    private static readonly Method<byte[], byte[]> Check = new(MethodType.Unary, "grpc.health.v1.Health", "Check", DaemonChannel.Octets, DaemonChannel.Octets);

    private static readonly Method<byte[], byte[]> Reflect = new(
        MethodType.DuplexStreaming, "grpc.reflection.v1alpha.ServerReflection", "ServerReflectionInfo", DaemonChannel.Octets, DaemonChannel.Octets);

    private readonly HostNamespace _host = running.Host;

    [Fact]
    public async Task The_socket_is_for_its_owner_and_group_only()
    {
        Assert.Equal("660 socket", await _host.OkAsync($"stat -c '%a %F' {DaemonChannel.SocketPath}"));
    }

    [Fact]
    public async Task The_daemon_reports_that_it_serves()
    {
        using GrpcChannel channel = DaemonChannel.Open(_host);
        byte[] reply = await channel.CreateCallInvoker().AsyncUnaryCall(Check, null, Deadline(), []);
        // HealthCheckResponse { status = 1 (SERVING) }: field 1, varint.
        Assert.Equal([0x08, 0x01], reply);
    }

    [Fact]
    public async Task The_daemon_describes_its_services()
    {
        using GrpcChannel channel = DaemonChannel.Open(_host);
        using AsyncDuplexStreamingCall<byte[], byte[]> call = channel.CreateCallInvoker().AsyncDuplexStreamingCall(Reflect, null, Deadline());
        // ServerReflectionRequest { list_services = "" }: field 7, length-delimited.
        await call.RequestStream.WriteAsync([0x3a, 0x00], TestContext.Current.CancellationToken);
        await call.RequestStream.CompleteAsync();
        Assert.True(await call.ResponseStream.MoveNext(TestContext.Current.CancellationToken));
        string services = Encoding.UTF8.GetString(call.ResponseStream.Current);
        foreach (string service in (string[])["NetworkService", "EndpointService", "RegistryService"])
        {
            Assert.Contains($"resolver.v1.{service}", services, StringComparison.Ordinal);
        }
    }

    private static CallOptions Deadline() =>
        new(deadline: TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(10), cancellationToken: TestContext.Current.CancellationToken);
}
