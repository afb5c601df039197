// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using Resolver.EndToEnd.Hosts;

namespace Resolver.EndToEnd.Asking;

/// <summary>The programs that people have, each asking for names of every kind, and none of them made to wait.</summary>
public sealed class ClientTests(ClientNetwork network) : IClassFixture<ClientNetwork>
{
    /// <summary>As many addresses of "many" as fit 512 octets: 12 of header, 10 of question, 16 each.</summary>
    private const int FitDatagram = (512 - 12 - 10) / 16;

    private static readonly TimeSpan Stall = TimeSpan.FromSeconds(1);

    private readonly HostNamespace _host = network.Host;

    public static MatrixTheoryData<string, string> ClientsAndNames { get; } =
        new(Client.All.Select(client => client.Name), AskedName.All.Select(name => name.Kind));

    [Theory]
    [MemberData(nameof(ClientsAndNames))]
    public async Task A_client_gets_what_there_is_without_a_stall(string client, string name)
    {
        Client with = Client.All.Single(one => one.Name == client);
        AskedName wanted = AskedName.All.Single(one => one.Kind == name);
        Asked asked = await AskAsync(with.Command.Replace("NAME", wanted.Name, StringComparison.Ordinal));
        string notFound = with.NotFound.Replace("NAME", wanted.Name, StringComparison.Ordinal);
        if (wanted.Addresses.IsEmpty)
        {
            Assert.Empty(asked.Addresses);
            Assert.Contains(notFound, asked.Output, StringComparison.Ordinal);
            Assert.Equal(with.Status, asked.Status);
        }
        else
        {
            AssertShown(with.Extent, wanted.Addresses, asked);
            Assert.True(notFound.Length == 0 || !asked.Output.Contains(notFound, StringComparison.Ordinal), asked.Output);
            Assert.Equal(with.FoundStatus, asked.Status);
        }

        Assert.InRange(asked.Took, TimeSpan.Zero, Stall);
    }

    [Theory]
    [InlineData("SRV")]
    [InlineData("TXT")]
    [InlineData("HTTPS")]
    [InlineData("MX")]
    public async Task Another_type_of_a_local_name_is_answered_here_with_no_data(string type)
    {
        foreach (string name in (string[])["peer", "store.app", "six", "many"])
        {
            Asked asked = await AskAsync($"dig +tries=1 +time=5 {name} {type}");
            Assert.Contains("status: NOERROR", asked.Output, StringComparison.Ordinal);
            Assert.Contains("ANSWER: 0, AUTHORITY: 1", asked.Output, StringComparison.Ordinal);
            Assert.InRange(asked.Took, TimeSpan.Zero, Stall);
            Assert.Equal("0", await _host.OkAsync($"grep -ci ' {name} from' /run/host/upstream.log || true"));
        }
    }

    [Theory]
    [InlineData("host 172.30.0.20", "20.0.30.172.in-addr.arpa domain name pointer peer.app.")]
    [InlineData("nslookup 172.30.0.20", "20.0.30.172.in-addr.arpa\tname = peer.app.")]
    [InlineData("busybox nslookup 172.30.0.20", "20.0.30.172.in-addr.arpa\tname = peer.app")]
    [InlineData("dig +tries=1 +time=5 +short -x 172.30.0.20", "peer.app.")]
    [InlineData("getent hosts 172.30.0.20", "peer.app")]
    public async Task The_address_of_a_peer_leads_to_its_name(string command, string answer)
    {
        Asked asked = await AskAsync(command);
        Assert.Equal(0, asked.Status);
        Assert.Contains(answer, asked.Output, StringComparison.Ordinal);
        Assert.InRange(asked.Took, TimeSpan.Zero, Stall);
    }

    [Fact]
    public async Task What_stays_on_the_network_is_never_asked_of_the_upstream()
    {
        foreach (AskedName name in AskedName.All.Where(name => !name.Name.EndsWith("example.org", StringComparison.Ordinal)))
        {
            await AskAsync($"/run/host/lookup-glibc {name.Name}");
            Assert.Equal("0", await _host.OkAsync($"grep -ci ' {name.Name} from' /run/host/upstream.log || true"));
        }

        await AskAsync("/run/host/lookup-glibc seen.example.org");
        Assert.NotEqual("0", await _host.OkAsync("grep -ci ' seen.example.org from' /run/host/upstream.log"));
    }

    private static void AssertShown(Extent extent, ImmutableHashSet<IPAddress> expected, Asked asked)
    {
        ImmutableHashSet<IPAddress> shown = asked.Addresses;
        Assert.Empty(shown.Except(expected));
        int least = extent switch
        {
            Extent.Everything => expected.Count,
            Extent.Datagram => Math.Min(expected.Count, FitDatagram),
            Extent.Family => expected.GroupBy(address => address.AddressFamily).MaxBy(family => family.Key)?.Count() ?? 0,
            _ => 1,
        };
        string shortfall = string.Create(CultureInfo.InvariantCulture, $"{shown.Count} of {least} addresses:\n{asked.Output}");
        Assert.True(shown.Count >= least, shortfall);
    }

    private async Task<Asked> AskAsync(string command) =>
        Asked.Parse(await _host.OkAsync($"resolver exec asker -- bash /run/host/clients/timed.sh \"$(cat <<'END'\n{command}\nEND\n)\""));
}
