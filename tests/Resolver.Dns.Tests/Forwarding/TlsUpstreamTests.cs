// SPDX-License-Identifier: Apache-2.0

using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Resolver.Core.Networks;
using Resolver.Dns.Forwarding;
using Resolver.Dns.Forwarding.Encrypted;
using Resolver.Dns.Serving;
using Resolver.Dns.Tests.Caching;
using Xunit;

namespace Resolver.Dns.Tests.Forwarding;

/// <summary>What must not happen with TLS and HTTPS; that they work is shown end to end, with a real server and a certificate it may have.</summary>
public sealed class TlsUpstreamTests : IAsyncDisposable
{
    private readonly CancellationTokenSource _patience = new(TimeSpan.FromSeconds(10));
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly UpstreamClient _client = new(new DnsServiceOptions(), new UpstreamHealth(TimeProvider.System), TimeProvider.System);

    public TlsUpstreamTests() => _listener.Start();

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        _listener.Dispose();
        _patience.Dispose();
    }

    [Theory]
    [InlineData(UpstreamProtocol.Tls)]
    [InlineData(UpstreamProtocol.Https)]
    public async Task A_certificate_that_nobody_vouches_for_is_refused_before_the_question_is_sent(UpstreamProtocol protocol)
    {
        using X509Certificate2 certificate = SelfSigned("127.0.0.1");
        Task<bool> serving = ServeAsync(certificate);

        await Assert.ThrowsAnyAsync<IOException>(() => AskAsync(protocol));

        Assert.False(await serving);
    }

    [Theory]
    [InlineData(UpstreamProtocol.Tls)]
    [InlineData(UpstreamProtocol.Https)]
    public async Task A_server_that_speaks_no_tls_is_an_error(UpstreamProtocol protocol)
    {
        Task asking = AskAsync(protocol);
        using (Socket client = await _listener.AcceptSocketAsync(_patience.Token))
        {
            await client.SendAsync("SSH-2.0-x\r\n"u8.ToArray(), _patience.Token);
            client.Shutdown(SocketShutdown.Send);
            await Assert.ThrowsAnyAsync<IOException>(() => asking);
        }
    }

    [Theory]
    [InlineData("a")]
    [InlineData("www.example")]
    [InlineData("a-long-name-for-a-question.with-many-labels.and-more-of-them-still.to-pass-a-block-of-128-octets.in-the-whole-message.example.org")]
    public void Questions_are_padded_to_blocks(string name)
    {
        byte[] question = ReplyBuilder.Question(name);

        byte[] padded = TlsConnection.Padded(question);

        Assert.Equal(0, padded.Length % 128);
        Assert.Equal(question[..^2], padded[..(question.Length - 2)]);
        int option = question.Length;
        Assert.Equal(padded.Length - option, (padded[option - 2] << 8) | padded[option - 1]);
        Assert.Equal([0, 12], padded[option..(option + 2)]); // RFC 7830 §3
        Assert.Equal(padded.Length - option - 4, (padded[option + 2] << 8) | padded[option + 3]);
        Assert.All(padded[(option + 4)..], octet => Assert.Equal(0, octet));
    }

    private static X509Certificate2 SelfSigned(string address)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new($"CN={address}", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddIpAddress(IPAddress.Parse(address));
        request.CertificateExtensions.Add(names.Build());
        return request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
    }

    private Task<byte[]?> AskAsync(UpstreamProtocol protocol) => _client.AskAsync(
        new UpstreamServer(new Upstream((IPEndPoint)_listener.LocalEndpoint) { Protocol = protocol, IsFromHost = true }, null),
        ReplyBuilder.Question("www.example"),
        _patience.Token);

    // True if anything came after the handshake.
    private async Task<bool> ServeAsync(X509Certificate2 certificate)
    {
        using Socket client = await _listener.AcceptSocketAsync(_patience.Token);
        await using SslStream stream = new(new NetworkStream(client));
        try
        {
            await stream.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate }, _patience.Token);
            return await stream.ReadAsync(new byte[1], _patience.Token) > 0;
        }
        catch (Exception refused) when (refused is AuthenticationException or IOException)
        {
            return false;
        }
    }
}
