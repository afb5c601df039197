// SPDX-License-Identifier: Apache-2.0

using Xunit;

namespace Resolver.Cli.Tests;

public sealed class CommandLineTests
{
    [Theory]
    [InlineData("", "resolver")]
    [InlineData("network", "resolver network")]
    [InlineData("fly", "resolver")]
    [InlineData("network create", "resolver network create")]
    [InlineData("network create app --mtu many", "resolver network create")]
    [InlineData("network create app --colour red", "resolver network create")]
    [InlineData("network create app --label =x", "resolver network create")]
    [InlineData("network ls --format xml", "resolver network ls")]
    [InlineData("network rm", "resolver network rm")]
    [InlineData("network prune", "resolver network prune")]
    [InlineData("network connect app", "resolver network connect")]
    [InlineData("network connect app --netns /run/netns/a --pid 1", "resolver network connect")]
    [InlineData("network connect app web --pid 1", "resolver network connect")]
    [InlineData("network connect app web -p 127.0.0.1:80", "resolver network connect")]
    [InlineData("network connect app web -p 0:80", "resolver network connect")]
    [InlineData("network connect app web -p 80:80/icmp", "resolver network connect")]
    [InlineData("run --network app", "resolver run")]
    [InlineData("run --network app --", "resolver run")]
    [InlineData("run --network app true", "resolver run")]
    [InlineData("exec web", "resolver exec")]
    [InlineData("ps -- true", "resolver ps")]
    [InlineData("register app cache", "resolver register")]
    [InlineData("status --wait soon", "resolver status")]
    [InlineData("status --wait -1s", "resolver status")]
    public async Task Wrong_use_is_one_line_that_names_the_help_and_exits_with_2(string arguments, string command)
    {
        (int exitCode, string output, string error) = await RunAsync(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal(2, exitCode);
        Assert.Empty(output);
        Assert.StartsWith("resolver: ", error, StringComparison.Ordinal);
        Assert.EndsWith($"see {command} --help\n", error, StringComparison.Ordinal);
        Assert.Equal(1, error.Count(c => c == '\n'));
    }

    [Theory]
    [InlineData("network create app --mtu many", "--mtu many: write a whole number, 0 or more; see resolver network create --help")]
    [InlineData("network create app --name-ttl -1", "--name-ttl -1: write a whole number, 0 or more; see resolver network create --help")]
    [InlineData("network connect app web --gw-priority soon", "--gw-priority soon: write a whole number; see resolver network connect --help")]
    [InlineData("network create app --ip-range 10.0.0.0/25", "--ip-range 10.0.0.0/25 needs a subnet to lie in: add --subnet; see resolver network create --help")]
    public async Task What_is_wrong_with_a_value_is_said_in_plain_words(string arguments, string message)
    {
        (_, _, string error) = await RunAsync(arguments.Split(' '));
        Assert.Equal($"resolver: {message}\n", error);
    }

    [Theory]
    [InlineData("network ls", 1)]
    [InlineData("status", 1)]
    [InlineData("run --network app -- true", 125)]
    [InlineData("run -- true", 125)]
    [InlineData("exec web -- true", 125)]
    public async Task Without_a_daemon_the_failure_says_where_it_was_looked_for(string arguments, int expected)
    {
        (int exitCode, _, string error) = await RunAsync(["--socket", "/nonexistent/resolver.sock", .. arguments.Split(' ')]);

        Assert.Equal(expected, exitCode);
        Assert.Equal("resolver: no daemon at /nonexistent/resolver.sock: start resolverd, or name its socket with --socket or RESOLVER_SOCKET\n", error);
    }

    [Fact]
    public async Task Waiting_for_a_daemon_ends_in_time()
    {
        (int exitCode, _, string error) = await RunAsync(["status", "--socket", "/nonexistent/resolver.sock", "--wait", "200ms"]);

        Assert.Equal(1, exitCode);
        Assert.StartsWith("resolver: no daemon at", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_follows_the_dashes_is_not_read()
    {
        (int exitCode, _, string error) = await RunAsync(["--socket", "/nonexistent", "exec", "web", "--", "--help", "--", "--colour"]);

        Assert.Equal(125, exitCode);
        Assert.StartsWith("resolver: no daemon at", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_completion_script_knows_every_command()
    {
        (int exitCode, string output, _) = await RunAsync(["completion", "bash"]);

        Assert.Equal(0, exitCode);
        Assert.Contains("\"network\"*) choices=\"create ls inspect rm prune connect disconnect", output, StringComparison.Ordinal);
    }

    private static async Task<(int ExitCode, string Output, string Error)> RunAsync(string[] arguments)
    {
        using StringWriter output = new();
        using StringWriter error = new();
        int exitCode = await CommandLine.RunAsync(arguments, output, error);
        return (exitCode, output.ToString(), error.ToString());
    }
}
