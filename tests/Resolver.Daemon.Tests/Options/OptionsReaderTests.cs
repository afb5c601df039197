// SPDX-License-Identifier: Apache-2.0

using Resolver.Daemon.Options;
using Xunit;

namespace Resolver.Daemon.Tests.Options;

public sealed class OptionsReaderTests : IDisposable
{
    private readonly string _file = Path.Combine(Path.GetTempPath(), $"resolverd-options-{Guid.NewGuid():N}.json");

    public void Dispose() => File.Delete(_file);

    [Fact]
    public void Without_options_the_paths_of_the_manual_hold()
    {
        DaemonOptions options = Read([]);

        Assert.Equal("/run/resolver/resolver.sock", options.SocketPath);
        Assert.Equal("/var/lib/resolver/resolver.db", options.StorePath);
        Assert.Equal("10.201.0.0/16", Assert.Single(options.Pools).Prefix.ToString());
    }

    [Fact]
    public void The_socket_follows_the_run_directory() =>
        Assert.Equal("/tmp/run/resolver.sock", Read(["--run-dir", "/tmp/run"]).SocketPath);

    [Fact]
    public void The_command_line_wins_over_the_environment_and_that_over_the_file()
    {
        File.WriteAllText(_file, """{ "runDir": "/file", "stateDir": "/file", "netnsDir": "/file" }""");

        DaemonOptions options = Read(["--config", _file, "--run-dir=/flag"], ("RESOLVER_RUN_DIR", "/env"), ("RESOLVER_STATE_DIR", "/env"));

        Assert.Equal(("/flag", "/env", "/file"), (options.RunDirectory, options.StateDirectory, options.NetnsDirectory));
    }

    [Fact]
    public void Pools_may_be_given_several_times()
    {
        Assert.Equal([24, 26], Read(["--pool", "10.1.0.0/16:24", "--pool", "10.2.0.0/16:26"]).Pools.Select(pool => pool.SubnetLength));
        Assert.Equal([24, 26], Read([], ("RESOLVER_POOL", "10.1.0.0/16:24,10.2.0.0/16:26")).Pools.Select(pool => pool.SubnetLength));
    }

    [Theory]
    [InlineData("unknown argument '--colour'", "--colour", "red")]
    [InlineData("unknown argument 'up'", "up")]
    [InlineData("--run-dir needs a value", "--run-dir")]
    [InlineData("--run-dir is given 2 times", "--run-dir", "/a", "--run-dir", "/b")]
    [InlineData("--run-dir 'run' is no absolute path", "--run-dir", "run")]
    [InlineData("--run-dir '' is empty", "--run-dir", "")]
    [InlineData("--pool '10.201.0.0/16' is no pool", "--pool", "10.201.0.0/16")]
    [InlineData("--pool '10.201.0.1/16:24' is no pool", "--pool", "10.201.0.1/16:24")]
    [InlineData("--pool 'fd00::1/48:64' is no pool", "--pool", "fd00::1/48:64")]
    [InlineData("--pool '10.201.0.0/16:8' asks for subnets of /8", "--pool", "10.201.0.0/16:8")]
    [InlineData("--pool '10.201.0.0/16:32' asks for subnets of /32", "--pool", "10.201.0.0/16:32")]
    [InlineData("--pool 'fd00::/48:128' asks for subnets of /128", "--pool", "fd00::/48:128")]
    [InlineData("overlaps itself", "--pool", "10.0.0.0/8:24", "--pool", "10.1.0.0/16:24")]
    [InlineData("--log-level '2' is none of", "--log-level", "2")]
    public void A_bad_command_line_is_refused(string message, params string[] arguments) =>
        Assert.Contains(message, Assert.Throws<OptionsException>(() => Read(arguments)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("""{ "runDirectory": "/x" }""", "unknown key 'runDirectory'")]
    [InlineData("""{ "runDir": 1 }""", "runDir must be a string")]
    [InlineData("""{ "pool": [] }""", "pool must be a string or a list of strings")]
    [InlineData("""{ "runDir": "x" }""", "runDir 'x' is no absolute path")]
    [InlineData("[]", "is no JSON object")]
    [InlineData("{", "is no valid JSON")]
    public void A_bad_file_is_refused(string text, string message)
    {
        File.WriteAllText(_file, text);
        Assert.Contains(message, Assert.Throws<OptionsException>(() => Read(["--config", _file])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_named_must_be_there() =>
        Assert.Contains("can't be read", Assert.Throws<OptionsException>(() => Read([], ("RESOLVER_CONFIG", _file))).Message, StringComparison.Ordinal);

    [Fact]
    public void A_socket_path_that_the_kernel_would_cut_is_refused() =>
        Assert.Contains("107", Assert.Throws<OptionsException>(() => Read(["--socket", "/" + new string('x', 107)])).Message, StringComparison.Ordinal);

    [Fact]
    public void The_help_names_every_option() =>
        Assert.All(OptionDefinitions.All, option => Assert.Contains(option.Flag, Usage.Help(), StringComparison.Ordinal));

    private static DaemonOptions Read(string[] arguments, params (string Name, string Value)[] environment) =>
        OptionsReader.Read(arguments, name => environment.FirstOrDefault(variable => variable.Name == name).Value);
}
