// SPDX-License-Identifier: Apache-2.0

using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Resolver.Control;
using Resolver.Daemon.Mapping;
using Resolver.Daemon.Options;
using Resolver.Daemon.Services;
using Resolver.Dns.Serving;
using Resolver.Networking;
using Resolver.Store;
using Resolver.Store.Sqlite;

namespace Resolver.Daemon.Hosting;

/// <summary>Puts the daemon together.</summary>
internal static class DaemonHost
{
    // A registration with 1024 addresses and 64 aliases of full length has 60 KiB.
    private const int MaxRequestBytes = 1 << 20;
    private const int MaxConnections = 1024;
    private const int MaxStreamsPerConnection = 256;

    /// <summary>Builds the daemon on a claimed socket. Nothing is opened or bound yet.</summary>
    /// <param name="options">The options.</param>
    /// <param name="socket">The socket.</param>
    /// <param name="addRooms">Adds <see cref="IControl"/> and the DNS counters, as <see cref="AddRooms"/> does.</param>
    public static WebApplication Build(DaemonOptions options, ListenSocket socket, Action<IServiceCollection, DaemonOptions> addRooms)
    {
        // The empty builder: ASPNETCORE_URLS or an appsettings.json in the working directory must not open a TCP port.
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        AddLogging(builder.Logging, options);
        builder.Services.AddSystemd();
        builder.WebHost.UseKestrelCore().UseSockets(transport => transport.CreateBoundListenSocket = endpoint => Bind(socket, endpoint));
        builder.WebHost.ConfigureKestrel(kestrel => Listen(kestrel, socket.Path));
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(TimeProvider.System);
        addRooms(builder.Services, options);
        AddCalls(builder.Services, options);

        WebApplication app = builder.Build();
        app.MapGrpcService<NetworkRpc>();
        app.MapGrpcService<EndpointRpc>();
        app.MapGrpcService<RegistryRpc>();
        app.MapGrpcService<DnsRpc>();
        app.MapGrpcService<DaemonRpc>();
        app.MapGrpcHealthChecksService();
        app.MapGrpcReflectionService();
        return app;
    }

    private static void AddLogging(ILoggingBuilder logging, DaemonOptions options)
    {
        logging.SetMinimumLevel(options.LogLevel).AddFilter("Microsoft", LogLevel.Warning).AddFilter("Grpc", LogLevel.Warning);
        // The host reports a failed start as an error with a stack; Program prints its one line.
        logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        // Not being ready yet is an answer to who asks, not an error of the daemon.
        logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None);
        logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
        });
        logging.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
    }

    private static void Listen(KestrelServerOptions kestrel, string path)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxConcurrentConnections = MaxConnections;
        kestrel.Limits.MaxRequestBodySize = null; // Streams live long; gRPC limits each message.
        kestrel.Limits.Http2.MaxStreamsPerConnection = MaxStreamsPerConnection;
        kestrel.ListenUnixSocket(path, listen => listen.Protocols = HttpProtocols.Http2);
    }

    private static Socket Bind(ListenSocket socket, EndPoint endpoint) =>
        endpoint is UnixDomainSocketEndPoint ? socket.Bind() : SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);

    /// <summary>Adds the rooms below the edge. The store and the kernel are opened when they are first asked for.</summary>
    public static void AddRooms(IServiceCollection services, DaemonOptions options)
    {
        services.AddSingleton(new ControlOptions
        {
            NetnsDirectory = options.NetnsDirectory,
            NetnsFilesDirectory = options.NetnsFilesDirectory,
            SubnetPools = [.. options.Pools, .. MachineIdentity.DefaultPools(options)],
        });
        services.AddSingleton(new DnsServiceOptions
        {
            ResolvConfPath = options.ResolvConf,
            MaxCacheBytes = options.DnsCacheMebibytes * 1024L * 1024L,
            ServeStale = TimeSpan.FromSeconds(options.DnsServeStaleSeconds),
            RandomizesCase = options.DnsRandomizesCase,
        });
        services.AddSingleton<IDesiredStore>(_ => SqliteStore.Open(options.StorePath));
        services.AddSingleton(provider => HostNetworking.Open(
            provider.GetRequiredService<ILogger<HostNetworking>>(),
            new HostNetworkingOptions { UsesDockerUser = options.UsesDockerUser, SettingsPath = options.SettingsPath }));
        services.AddSingleton<DnsService>();
        services.AddSingleton<Func<DnsCounters>>(provider => () => provider.GetRequiredService<DnsService>().Counters);
        services.AddSingleton<ControlPlane>();
        services.AddSingleton<IControl, PlaneControl>();
    }

    private static void AddCalls(IServiceCollection services, DaemonOptions options)
    {
        services.AddSingleton(new SandboxMessages(options.NetnsFilesDirectory));
        services.AddSingleton<ControlGate>();
        services.AddHostedService<Recovery>();
        services.AddGrpc(grpc =>
        {
            grpc.MaxReceiveMessageSize = MaxRequestBytes;
            grpc.Interceptors.Add<FailureInterceptor>();
        });
        services.AddGrpcReflection();
        services.AddGrpcHealthChecks().AddCheck<ReadyCheck>("ready");
        services.Configure<HealthCheckPublisherOptions>(publisher =>
        {
            publisher.Delay = TimeSpan.Zero;
            publisher.Period = TimeSpan.FromSeconds(1); // How late a watcher of grpc.health.v1 may hear of a change.
        });
    }
}
