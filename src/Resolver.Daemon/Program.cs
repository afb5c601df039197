// SPDX-License-Identifier: Apache-2.0

using System.Net.Sockets;
using Resolver.Control;
using Resolver.Core.Failures;
using Resolver.Daemon.Hosting;
using Resolver.Daemon.Options;
using Resolver.Linux;
using Resolver.Linux.Processes;
using Resolver.Store;

const int Failed = 1;
const int Misused = 2;

if (args.Contains("--help") || args.Contains("--version"))
{
    Console.Out.Write(args.Contains("--help") ? Usage.Help() : $"resolverd {Usage.Version}\n");
    return 0;
}

DaemonOptions options;
try
{
    options = OptionsReader.Read(args, Environment.GetEnvironmentVariable);
}
catch (OptionsException e)
{
    Console.Error.WriteLine($"resolverd: {e.Message}");
    return Misused;
}

// Before there are threads: each sandbox is opened by one of its own.
NativeHeap.LimitArenas(2);
try
{
    Privileges.Check(File.ReadAllText("/proc/self/status"));
    Directories.Create(options);
    using ListenSocket socket = ListenSocket.Claim(options.SocketPath);
    await using WebApplication app = DaemonHost.Build(options, socket, DaemonHost.AddRooms);
    // The store's lock first, then the kernel, so that a daemon that may not run here touches nothing.
    _ = app.Services.GetRequiredService<IDesiredStore>();
    _ = app.Services.GetRequiredService<ControlPlane>();
    await app.RunAsync();
    return 0;
}
catch (Exception e) when (e is RefusedException or KernelException or IOException or SocketException)
{
    Console.Error.WriteLine($"resolverd: {e.Message}");
    return Failed;
}
catch (OperationCanceledException)
{
    // Told to stop while it was starting.
    return 0;
}
