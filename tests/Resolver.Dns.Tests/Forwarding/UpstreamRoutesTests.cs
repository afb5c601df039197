// SPDX-License-Identifier: Apache-2.0

using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Resolver.Core.Names;
using Resolver.Core.Networks;
using Resolver.Dns.Forwarding;
using Resolver.Dns.Serving;
using Resolver.Dns.Tests.Caching;
using Resolver.Dns.Zones;
using Xunit;

namespace Resolver.Dns.Tests.Forwarding;

/// <summary>Which upstream is asked for which name, and who shares what it said.</summary>
public sealed class UpstreamRoutesTests : IAsyncDisposable
{
    private readonly Forwarder _forwarder =
        new(new DnsServiceOptions { ResolvConfPath = "/nonexistent/resolv.conf" }, TimeProvider.System, new DnsCounts(), NullLogger.Instance);

    public ValueTask DisposeAsync() => _forwarder.DisposeAsync();

    [Theory]
    [InlineData("corp.example", "10.0.0.1:53")]
    [InlineData("CORP.Example", "10.0.0.1:53")]
    [InlineData("db.corp.example", "10.0.0.1:53")]
    [InlineData("db.eu.corp.example", "10.0.0.2:53")]
    [InlineData("eu.corp.example", "10.0.0.2:53")]
    [InlineData("xeu.corp.example", "10.0.0.1:53")]
    [InlineData("xcorp.example", null)]
    [InlineData("example", null)]
    [InlineData("corp.example.org", null)]
    public void The_longest_domain_wins(string name, string? upstream)
    {
        UpstreamRoutes routes = new([.. Parse("corp.example=10.0.0.1", "eu.corp.example=10.0.0.2", "10.0.0.3")]);

        Assert.Equal(upstream, routes.Find(WireName(name))?.Upstreams.Single().ToString());
        Assert.Equal("10.0.0.3:53", routes.Default!.Upstreams.Single().ToString());
    }

    [Fact]
    public void A_domain_may_have_several_upstreams_in_their_order()
    {
        UpstreamRoutes routes = new([.. Parse("a.example=10.0.0.2", "b.example=10.0.0.9", "A.example=10.0.0.1", "a.example=10.0.0.2")]);

        Assert.Equal(["10.0.0.2:53", "10.0.0.1:53"], routes.Find(WireName("a.example"))!.Upstreams.Select(upstream => upstream.ToString()));
        Assert.Null(routes.Default);
    }

    [Fact]
    public async Task Names_go_to_the_upstream_of_their_domain_and_to_no_other()
    {
        await using FakeUpstream corp = new(question => [FakeUpstream.Reply(question, "192.0.2.1")]);
        await using FakeUpstream other = new(question => [FakeUpstream.Reply(question, "192.0.2.2")]);
        SandboxView view = View(null, corp.Upstream with { Domain = DnsName.Parse("corp.example", "name") }, other.Upstream);

        Assert.Equal(1, (await AskAsync(view, "db.corp.example"))[^1]);
        Assert.Equal(2, (await AskAsync(view, "www.example"))[^1]);
        Assert.Equal((1, 1), (corp.Asked, other.Asked));
    }

    [Fact]
    public async Task Sandboxes_share_what_an_upstream_said_that_is_dialled_from_the_host()
    {
        await using FakeUpstream upstream = new(question => [FakeUpstream.Reply(question, "192.0.2.1")]);
        using SandboxContext one = new(10, null);
        using SandboxContext two = new(10, null);

        await AskAsync(View(one, upstream.Upstream), "www.example");
        await AskAsync(View(two, upstream.Upstream), "www.example");

        Assert.Equal(1, upstream.Asked);
    }

    [Fact]
    public async Task What_a_sandbox_heard_where_it_could_have_lied_itself_is_for_it_alone()
    {
        await using FakeUpstream upstream = new(question => [FakeUpstream.Reply(question, "192.0.2.1")]);
        using SandboxContext one = new(10, null);
        using SandboxContext two = new(10, null);
        Upstream fromSandbox = upstream.Upstream with { IsFromHost = false };

        await AskAsync(View(one, fromSandbox), "www.example");
        await AskAsync(View(one, fromSandbox), "www.example");
        Assert.Equal(1, upstream.Asked);

        await AskAsync(View(two, fromSandbox), "www.example");
        Assert.Equal(2, upstream.Asked);
    }

    private static IEnumerable<Upstream> Parse(params string[] texts) => texts.Select(text => Upstream.Parse(text, "dns"));

    private static byte[] WireName(string name) =>
        [.. name.Split('.').SelectMany(label => new byte[] { (byte)label.Length }.Concat(Encoding.ASCII.GetBytes(label))), 0];

    private static SandboxView View(SandboxContext? context, params Upstream[] upstreams) => new([], [.. upstreams]) { Context = context };

    private async Task<byte[]> AskAsync(SandboxView view, string name)
    {
        byte[] question = ReplyBuilder.Question(name, optFlags: null);
        byte[] reply = new byte[512];
        if (!_forwarder.TryAnswerFromCache(view, question, reply, isStream: false, rotation: 0, out int length))
        {
            Assert.True(_forwarder.TryEnter(view));
            length = await _forwarder.AnswerAsync(view, question, reply, isStream: false);
        }

        return reply[..length];
    }
}
