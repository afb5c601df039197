// SPDX-License-Identifier: Apache-2.0

using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;

namespace Resolver.Dns.Forwarding.Encrypted;

/// <summary>Upstreams by HTTPS (RFC 8484): POST to /dns-query over HTTP/2, connections kept by the library. Thread-safe.</summary>
internal sealed class HttpsUpstreams : IDisposable
{
    private const string MediaType = "application/dns-message";
    private const int MaxMessageBytes = ushort.MaxValue;

    private static readonly TimeSpan ConnectTime = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan IdleTime = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<UpstreamServer, HttpClient> _clients = new();

    /// <summary>Asks and returns the reply, whatever its rcode.</summary>
    /// <exception cref="IOException">It can't be reached, its certificate is not its own, or it did not answer with a DNS message.</exception>
    internal async Task<byte[]> AskAsync(UpstreamServer server, ReadOnlyMemory<byte> template, CancellationToken cancellation)
    {
        // The id is zero, as the template has it: HTTP matches questions and replies (RFC 8484 §4.1).
        byte[] question = TlsConnection.Padded(template.Span);
        using HttpRequestMessage request = new(HttpMethod.Post, Address(server))
        {
            Version = HttpVersion.Version20,
            Content = new ByteArrayContent(question) { Headers = { ContentType = new MediaTypeHeaderValue(MediaType) } },
        };
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(MediaType));
        try
        {
            using HttpResponseMessage response = await Client(server).SendAsync(request, cancellation).ConfigureAwait(false);
            byte[] reply = await response.Content.ReadAsByteArrayAsync(cancellation).ConfigureAwait(false);
            return response.IsSuccessStatusCode && response.Content.Headers.ContentType?.MediaType == MediaType && Exchange.IsAnswerTo(question, reply)
                ? reply
                : throw new IOException($"{server} answered with HTTP status {(int)response.StatusCode} and no DNS message for the question");
        }
        catch (HttpRequestException failure)
        {
            throw new IOException($"{server}: {failure.Message}", failure);
        }
    }

    public void Dispose()
    {
        foreach (HttpClient client in _clients.Values)
        {
            client.Dispose();
        }
    }

    private static Uri Address(UpstreamServer server)
    {
        IPEndPoint endPoint = server.Upstream.EndPoint;
        string host = server.Upstream.ServerName?.Value ?? (endPoint.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{endPoint.Address}]" : $"{endPoint.Address}");
        return new UriBuilder(Uri.UriSchemeHttps, host, endPoint.Port, "/dns-query").Uri;
    }

    private HttpClient Client(UpstreamServer server)
    {
        if (_clients.TryGetValue(server, out HttpClient? known))
        {
            return known;
        }

        // Sandboxes that are gone leave their clients behind.
        foreach ((UpstreamServer gone, _) in _clients.Where(pair => pair.Key.Sandbox is { IsDisposed: true }))
        {
            if (_clients.TryRemove(gone, out HttpClient? client))
            {
                client.Dispose();
            }
        }

        return _clients.GetOrAdd(server, Open);
    }

    private static HttpClient Open(UpstreamServer server)
    {
        SocketsHttpHandler handler = new()
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            ConnectTimeout = ConnectTime,
            PooledConnectionIdleTimeout = IdleTime,
            EnableMultipleHttp2Connections = false,
            // The address is configured: no name is looked up.
            ConnectCallback = async (_, cancellation) =>
            {
                Socket socket = server.OpenSocket(SocketType.Stream);
                try
                {
                    socket.NoDelay = true;
                    await socket.ConnectAsync(server.Upstream.EndPoint, cancellation).ConfigureAwait(false);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            },
        };
        return new HttpClient(handler) { MaxResponseContentBufferSize = MaxMessageBytes };
    }
}
