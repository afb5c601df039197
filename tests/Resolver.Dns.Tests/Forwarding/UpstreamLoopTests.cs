// SPDX-License-Identifier: Apache-2.0

using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Resolver.Dns.Forwarding;
using Resolver.Dns.Serving;
using Resolver.Dns.Tests.Caching;
using Resolver.Dns.Zones;
using Xunit;

namespace Resolver.Dns.Tests.Forwarding;

/// <summary>An upstream that forwards to the daemon that asks it.</summary>
public sealed class UpstreamLoopTests : IAsyncDisposable
{
    private const int ServerFailure = 2;

    private readonly DnsServiceOptions _options = new()
    {
        ResolvConfPath = "/nonexistent/resolv.conf",
        UpstreamTimeout = TimeSpan.FromMilliseconds(200),
        ForwardingBudget = TimeSpan.FromMilliseconds(600),
    };

    private readonly Forwarder _forwarder;
    private SandboxView _view = new([], []);

    public UpstreamLoopTests() => _forwarder = new Forwarder(_options, TimeProvider.System, new DnsCounts(), NullLogger.Instance);

    public ValueTask DisposeAsync() => _forwarder.DisposeAsync();

    [Fact]
    public async Task A_loop_costs_one_question_is_found_and_its_upstream_is_left_out()
    {
        await using FakeUpstream looping = new(question =>
        {
            // Not waited for: what comes back waits for the reply that it would be.
            _ = AskAsync(question);
            return [];
        });
        _view = new SandboxView([], [looping.Upstream]);

        byte[] first = await AskAsync(ReplyBuilder.Question("www.example"));
        Assert.Equal(ServerFailure, first[3] & 15);
        // Other names, for that this one got no answer is remembered for a moment.
        int number = 0;
        await UntilAsync(async () =>
            Text(await AskAsync(ReplyBuilder.Question($"www{number++}.example"))).Contains("every upstream leads back here", StringComparison.Ordinal));

        int asked = looping.Asked;
        Assert.InRange(asked, 2, 12); // The question, sent again as to any silent server, and one probe.
        await AskAsync(ReplyBuilder.Question("other.example"));
        Assert.Equal(asked, looping.Asked);
    }

    [Fact]
    public async Task One_that_is_only_silent_is_not_left_out()
    {
        await using FakeUpstream silent = FakeUpstream.Dead();
        _view = new SandboxView([], [silent.Upstream]);

        byte[] question = ReplyBuilder.Question("www.example");
        await Task.WhenAll(AskAsync(question), AskAsync(question));
        int asked = silent.Asked;
        await AskAsync(ReplyBuilder.Question("other.example"));

        Assert.True(silent.Asked > asked);
    }

    private static string Text(byte[] reply) => Encoding.ASCII.GetString(reply);

    private static async Task UntilAsync(Func<Task<bool>> isTrue)
    {
        for (int i = 0; i < 10; i++)
        {
            if (await isTrue())
            {
                return;
            }

            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        Assert.Fail("not within ten tries");
    }

    private async Task<byte[]> AskAsync(byte[] question)
    {
        byte[] reply = new byte[512];
        if (!_forwarder.TryAnswerFromCache(_view, question, reply, isStream: false, rotation: 0, out int length))
        {
            Assert.True(_forwarder.TryEnter(_view));
            length = await _forwarder.AnswerAsync(_view, question, reply, isStream: false);
        }

        return reply[..length];
    }
}
