// SPDX-License-Identifier: Apache-2.0

using System.Net.Sockets;
using Resolver.Core.Failures;
using Resolver.Daemon.Hosting;
using Xunit;

namespace Resolver.Daemon.Tests.Hosting;

public sealed class ListenSocketTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("resolverd-socket-").FullName;

    private string Socket => Path.Combine(_directory, "resolver.sock");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void The_socket_is_for_owner_and_group_only()
    {
        using ListenSocket claim = ListenSocket.Claim(Socket);
        using Socket bound = claim.Bind();

        Assert.Equal((UnixFileMode)0b110_110_000, File.GetUnixFileMode(Socket));
    }

    [Fact]
    public void A_second_daemon_is_refused_and_leaves_the_socket_alone()
    {
        using ListenSocket claim = ListenSocket.Claim(Socket);
        using Socket bound = claim.Bind();

        RefusedException refusal = Assert.Throws<RefusedException>(() => ListenSocket.Claim(Socket));

        Assert.Contains("another resolverd", refusal.Message, StringComparison.Ordinal);
        Assert.True(File.Exists(Socket));
    }

    [Fact]
    public void A_stranger_that_serves_there_is_left_alone()
    {
        using Socket stranger = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        stranger.Bind(new UnixDomainSocketEndPoint(Socket));
        stranger.Listen();

        Assert.Throws<RefusedException>(() => ListenSocket.Claim(Socket));
        Assert.True(File.Exists(Socket));
    }

    [Fact]
    public void A_stale_socket_is_replaced()
    {
        // Bound and never listening, as a killed daemon leaves it.
        using Socket dead = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        dead.Bind(new UnixDomainSocketEndPoint(Socket));

        using ListenSocket claim = ListenSocket.Claim(Socket);

        Assert.False(File.Exists(Socket));
    }

    [Fact]
    public void A_file_that_is_no_socket_is_left_alone()
    {
        File.WriteAllText(Socket, "precious");

        Assert.Throws<RefusedException>(() => ListenSocket.Claim(Socket));
        Assert.Equal("precious", File.ReadAllText(Socket));
    }

    [Fact]
    public void The_socket_goes_with_the_daemon()
    {
        using (ListenSocket claim = ListenSocket.Claim(Socket))
        {
            using Socket bound = claim.Bind();
        }

        Assert.False(File.Exists(Socket));
        using ListenSocket next = ListenSocket.Claim(Socket);
    }
}
