// SPDX-License-Identifier: Apache-2.0

using System.Net.Sockets;
using System.Text;

namespace Resolver.Benchmarks;

/// <summary>
/// What `docker network connect` asks of dockerd, over its socket and without the command's process, of containers prefix-0, prefix-1 and so on
/// that run already; each is disconnected before the next is connected.
/// </summary>
internal sealed class DockerConnects : IDisposable
{
    private readonly HttpClient _client;

    public DockerConnects(string socket)
    {
        SocketsHttpHandler handler = new()
        {
            ConnectCallback = async (_, cancellationToken) =>
            {
                Socket connection = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await connection.ConnectAsync(new UnixDomainSocketEndPoint(socket), cancellationToken);
                return new NetworkStream(connection, ownsSocket: true);
            },
            UseProxy = false,
        };
        _client = new HttpClient(handler) { BaseAddress = new Uri("http://localhost"), Timeout = TimeSpan.FromSeconds(20) };
    }

    public async Task<double[]> ConnectAsync(string network, string prefix, int containers, int count)
    {
        double[] times = new double[count];
        for (int i = 0; i < count; i++)
        {
            string container = $"{prefix}-{i % containers}";
            long start = TimeProvider.System.GetTimestamp();
            await PostAsync($"/networks/{network}/connect", container);
            times[i] = TimeProvider.System.GetElapsedTime(start).TotalMilliseconds;
            await PostAsync($"/networks/{network}/disconnect", container);
        }

        return times;
    }

    public void Dispose() => _client.Dispose();

    private async Task PostAsync(string path, string container)
    {
        using StringContent content = new($$"""{"Container":"{{container}}"}""", Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await _client.PostAsync(new Uri(path, UriKind.Relative), content);
        if (!response.IsSuccessStatusCode)
        {
            throw new InvalidOperationException($"{path} of {container}: {await response.Content.ReadAsStringAsync()}");
        }
    }
}
