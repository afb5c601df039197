// SPDX-License-Identifier: Apache-2.0

using System.Net.Sockets;
using Google.Rpc;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Net.Client;
using Grpc.Reflection.V1Alpha;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Resolver.Contract.V1;
using Resolver.Core.Failures;
using Resolver.Daemon.Hosting;
using Resolver.Daemon.Options;
using Resolver.Linux;
using Xunit;
using DnsCounters = Resolver.Dns.Serving.DnsCounters;

namespace Resolver.Daemon.Tests.Hosting;

/// <summary>The real server on a real socket, above a scripted control plane.</summary>
public sealed class DaemonHostTests : IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("resolverd-host-").FullName;
    private readonly ScriptedControl _control = new();
    private readonly ListenSocket _socket;
    private readonly WebApplication _app;
    private readonly GrpcChannel _channel;
    private Task _start = Task.CompletedTask;

    public DaemonHostTests()
    {
        DaemonOptions options = new() { RunDirectory = _directory };
        _socket = ListenSocket.Claim(options.SocketPath);
        _app = DaemonHost.Build(options, _socket, (services, _) => services
            .AddSingleton<IControl>(_control)
            .AddSingleton<Func<DnsCounters>>(() => new DnsCounters(6, 1, 2, 3, 4, 5)));
        SocketsHttpHandler handler = new()
        {
            ConnectCallback = async (_, cancellationToken) =>
            {
                Socket connection = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await connection.ConnectAsync(new UnixDomainSocketEndPoint(options.SocketPath), cancellationToken);
                return new NetworkStream(connection, ownsSocket: true);
            },
        };
        _channel = GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions { HttpHandler = handler, DisposeHttpClient = true });
    }

    private NetworkService.NetworkServiceClient Networks => new(_channel);

    public ValueTask InitializeAsync()
    {
        // Ends only when recovery does; the socket listens before.
        _start = _app.StartAsync(TestContext.Current.CancellationToken);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        _control.Recovered.TrySetResult();
        await _start;
        _channel.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        _socket.Dispose();
        Assert.False(File.Exists(_socket.Path));
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task While_starting_the_status_is_served_and_changes_are_refused()
    {
        GetStatusResponse status = await StatusAsync();
        RpcException refusal = await Assert.ThrowsAsync<RpcException>(() => RemoveAsync("app"));

        Assert.Equal(DaemonState.Starting, status.State);
        Assert.Equal(StatusCode.Unavailable, refusal.StatusCode);
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.NotServing, await HealthAsync());
    }

    [Fact]
    public async Task When_recovered_the_daemon_is_ready_and_counts()
    {
        await ReadyAsync();

        GetStatusResponse status = await StatusAsync();

        Assert.Equal(DaemonState.Ready, status.State);
        Assert.Equal((6, 1, 2), (status.Dns.Questions, status.Dns.LocalAnswers, status.Dns.Forwarded));
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving, await HealthAsync());
    }

    [Fact]
    public async Task A_bad_field_reaches_the_caller_by_name()
    {
        await ReadyAsync();

        RpcException refusal = await Assert.ThrowsAsync<RpcException>(
            () => Networks.CreateNetworkAsync(new CreateNetworkRequest { Name = "a b" }, cancellationToken: TestContext.Current.CancellationToken).ResponseAsync);

        Assert.Equal(StatusCode.InvalidArgument, refusal.StatusCode);
        Assert.Equal("name", Assert.Single(refusal.GetRpcStatus()!.GetDetail<BadRequest>().FieldViolations).Field);
    }

    [Fact]
    public async Task A_refusal_reaches_the_caller_with_its_sentence()
    {
        await ReadyAsync();
        _control.Answer = _ => throw RefusedException.WrongState("app", "network app is in use by web: disconnect it first");

        RpcException refusal = await Assert.ThrowsAsync<RpcException>(() => RemoveAsync("app"));

        Assert.Equal(StatusCode.FailedPrecondition, refusal.StatusCode);
        Assert.Equal("network app is in use by web: disconnect it first", refusal.Status.Detail);
    }

    [Fact]
    public async Task The_kernels_refusal_reaches_the_caller_with_its_errno()
    {
        await ReadyAsync();
        _control.Answer = _ => throw new KernelException("RTM_DELLINK", "br-app", Errno.EBUSY);

        RpcException refusal = await Assert.ThrowsAsync<RpcException>(() => RemoveAsync("app"));

        Assert.Equal(StatusCode.FailedPrecondition, refusal.StatusCode);
        Assert.Equal("EBUSY", refusal.GetRpcStatus()!.GetDetail<ErrorInfo>().Metadata["errno"]);
    }

    [Fact]
    public async Task A_bug_reaches_the_caller_as_an_id_and_nothing_else()
    {
        await ReadyAsync();
        _control.Answer = _ => throw new InvalidOperationException("the secret of the stack");

        RpcException refusal = await Assert.ThrowsAsync<RpcException>(() => RemoveAsync("app"));

        Assert.Equal(StatusCode.Internal, refusal.StatusCode);
        Assert.DoesNotContain("secret", refusal.Status.Detail, StringComparison.Ordinal);
        Assert.Contains(refusal.GetRpcStatus()!.GetDetail<ErrorInfo>().Metadata["id"], refusal.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reflection_lists_every_service()
    {
        CancellationToken cancellationToken = TestContext.Current.CancellationToken;
        using AsyncDuplexStreamingCall<ServerReflectionRequest, ServerReflectionResponse> call =
            new ServerReflection.ServerReflectionClient(_channel).ServerReflectionInfo(cancellationToken: cancellationToken);
        await call.RequestStream.WriteAsync(new ServerReflectionRequest { ListServices = "" }, cancellationToken);
        Assert.True(await call.ResponseStream.MoveNext(cancellationToken));
        await call.RequestStream.CompleteAsync();

        string[] services = [.. call.ResponseStream.Current.ListServicesResponse.Service.Select(service => service.Name)];
        string[] own = ["DaemonService", "EndpointService", "NetworkService", "RegistryService"];
        Assert.All(own, service => Assert.Contains($"resolver.v1.{service}", services));
        Assert.Contains("grpc.health.v1.Health", services);
    }

    private async Task ReadyAsync()
    {
        _control.Recovered.SetResult();
        await _start;
    }

    private async Task<GetStatusResponse> StatusAsync() => await new DaemonService.DaemonServiceClient(_channel).GetStatusAsync(
        new GetStatusRequest(), new CallOptions(cancellationToken: TestContext.Current.CancellationToken).WithWaitForReady());

    private async Task RemoveAsync(string network) => await Networks.RemoveNetworkAsync(
        new RemoveNetworkRequest { Network = network }, cancellationToken: TestContext.Current.CancellationToken);

    private async Task<HealthCheckResponse.Types.ServingStatus> HealthAsync()
    {
        HealthCheckResponse response = await new Health.HealthClient(_channel).CheckAsync(
            new HealthCheckRequest(), cancellationToken: TestContext.Current.CancellationToken);
        return response.Status;
    }
}
