// SPDX-License-Identifier: Apache-2.0

using System.Collections.Concurrent;
using System.Text;
using Resolver.Dns.Forwarding;
using Resolver.Dns.Serving;
using Resolver.Dns.Tests.Caching;
using Xunit;

namespace Resolver.Dns.Tests.Forwarding;

/// <summary>The habits of servers: those that know no EDNS, and those that change the case of names.</summary>
public sealed class UpstreamClientTests : IAsyncDisposable
{
    private const string Name = "a-name-with-many-letters.example";

    private readonly UpstreamHealth _health = new(TimeProvider.System);
    private readonly ConcurrentQueue<byte[]> _asked = new();
    private readonly CancellationTokenSource _patience = new(TimeSpan.FromSeconds(10));
    private UpstreamClient _client;

    public UpstreamClientTests() => _client = new UpstreamClient(new DnsServiceOptions(), _health, TimeProvider.System);

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        _patience.Dispose();
    }

    [Fact]
    public async Task A_server_that_knows_no_edns_is_asked_without_it_and_remembered()
    {
        await using FakeUpstream old = new(question =>
        {
            _asked.Enqueue(question);
            return [question[11] == 1 ? FakeUpstream.Reply(question, null, rcode: 1) : FakeUpstream.Reply(question, "192.0.2.1")];
        });

        Assert.Equal(0, await RcodeAsync(old));
        Assert.Equal(0, await RcodeAsync(old));

        Assert.Equal([1, 0, 0], _asked.Select(question => (int)question[11]));
        Assert.All(_asked.Skip(1), question => Assert.Equal(12 + Name.Length + 2 + 4, question.Length));
    }

    [Fact]
    public async Task One_that_refuses_the_question_as_such_is_asked_with_edns_again()
    {
        await using FakeUpstream refusing = new(question =>
        {
            _asked.Enqueue(question);
            return [FakeUpstream.Reply(question, null, rcode: 1)];
        });

        Assert.Equal(1, await RcodeAsync(refusing));
        Assert.Equal(1, await RcodeAsync(refusing));

        Assert.Equal([1, 0, 1, 0], _asked.Select(question => (int)question[11]));
    }

    [Fact]
    public async Task Without_the_option_names_are_asked_as_they_are()
    {
        await using FakeUpstream upstream = Answering();

        await RcodeAsync(upstream);

        Assert.Equal(Name, NameIn(Assert.Single(_asked)));
    }

    [Fact]
    public async Task With_the_option_each_question_has_a_case_of_its_own()
    {
        await RandomizeAsync();
        await using FakeUpstream upstream = Answering();

        for (int count = 0; count < 8; count++)
        {
            Assert.Equal(0, await RcodeAsync(upstream));
        }

        string[] names = [.. _asked.Select(NameIn)];
        Assert.All(names, name => Assert.Equal(Name, name, ignoreCase: true));
        Assert.InRange(names.Distinct().Count(), 7, 8); // 24 letters: 16 million cases
    }

    [Fact]
    public async Task A_reply_in_another_case_is_checked_by_tcp()
    {
        await RandomizeAsync();
        await using FakeUpstream forged = new(
            question => [FakeUpstream.Reply(Lower(question), "192.0.2.66")],
            question => FakeUpstream.Reply(question, "192.0.2.1"));

        byte[]? reply = await AskAsync(forged);

        Assert.Equal([192, 0, 2, 1], reply![^4..]);
        Assert.False(_health.HabitsOf(forged.Server).HasFlag(UpstreamHabits.ChangesCase));
    }

    [Fact]
    public async Task A_server_that_changes_the_case_is_known_after_the_first_question()
    {
        await RandomizeAsync();
        int streams = 0;
        await using FakeUpstream lowering = new(
            question =>
            {
                _asked.Enqueue(question);
                return [FakeUpstream.Reply(Lower(question), "192.0.2.1")];
            },
            question =>
            {
                streams++;
                return FakeUpstream.Reply(Lower(question), "192.0.2.1");
            });

        for (int count = 0; count < 3; count++)
        {
            Assert.Equal(0, await RcodeAsync(lowering));
        }

        Assert.Equal(1, streams);
        Assert.All(_asked.Skip(1), question => Assert.Equal(Name, NameIn(question)));
    }

    private static string NameIn(byte[] question)
    {
        List<string> labels = [];
        for (int position = 12; question[position] != 0; position += 1 + question[position])
        {
            labels.Add(Encoding.ASCII.GetString(question, position + 1, question[position]));
        }

        return string.Join('.', labels);
    }

    private static byte[] Lower(byte[] question) =>
        [.. question[..12], .. question[12..].Select(octet => octet is >= (byte)'A' and <= (byte)'Z' ? (byte)(octet | 0x20) : octet)];

    private FakeUpstream Answering() => new(question =>
    {
        _asked.Enqueue(question);
        return [FakeUpstream.Reply(question, "192.0.2.1")];
    });

    private async Task RandomizeAsync()
    {
        await _client.DisposeAsync();
        _client = new UpstreamClient(new DnsServiceOptions { RandomizesCase = true }, _health, TimeProvider.System);
    }

    private Task<byte[]?> AskAsync(FakeUpstream upstream) => _client.AskAsync(upstream.Server, ReplyBuilder.Question(Name), _patience.Token);

    private async Task<int> RcodeAsync(FakeUpstream upstream) => (await AskAsync(upstream))![3] & 15;
}
