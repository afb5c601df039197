// SPDX-License-Identifier: Apache-2.0

using System.CommandLine;
using Resolver.Cli.Output;

namespace Resolver.Cli.Commands;

/// <summary>Options that several commands take, each a new instance.</summary>
internal static class Options
{
    /// <summary>An option with one value that may be left out.</summary>
    public static Option<string?> Text(string name, string value, string description) => new(name) { HelpName = value, Description = description };

    /// <summary>An option that may be given several times.</summary>
    public static Option<string[]> Texts(string name, string value, string description, params string[] aliases) =>
        new(name, aliases) { HelpName = value, Description = $"{description}; repeatable", DefaultValueFactory = _ => [] };

    /// <summary>--dns, and who is asked without it.</summary>
    public static Option<string[]> Upstreams(string whoElse) => Texts(
        "--dns",
        "[DOMAIN=][tls://|https://]IP[:PORT][#SERVERNAME][@host]",
        $"Ask this upstream for names of outside, or for those of DOMAIN only; from the sandbox, or with @host from the host (default: {whoElse})");

    /// <summary>-p.</summary>
    public static Option<string[]> Publish() => Texts("--publish", "[IP:][HOST[-END]]:PORT[-END][/PROTO]", "Publish a port on the host, tcp unless /udp or /sctp is given", "-p");

    /// <summary>--network of a sandbox whose ports are meant.</summary>
    public static Option<string?> PublishingNetwork() =>
        Text("--network", "NETWORK", "The network whose endpoint is meant (default: its only one, else the one that its default route leads by)");

    /// <summary>--gw-priority.</summary>
    public static Option<int> GatewayPriority() =>
        new("--gw-priority") { HelpName = "N", Description = "Which of its networks come first, as default route and for names: higher ones do (default 0)" };

    /// <summary>--format.</summary>
    public static Option<OutputFormat> Format() =>
        new("--format") { HelpName = "table|json", Description = "How to print (default table)" };

    /// <summary>-q.</summary>
    public static Option<bool> Quiet() => new("--quiet", "-q") { Description = "Print short ids only" };

    /// <summary>A positional value that must be there.</summary>
    public static Argument<string> Name(string name, string description) => new(name) { Description = description };

    /// <summary>One or more positional values.</summary>
    public static Argument<string[]> Names(string name, string description) => new(name) { Description = description, Arity = ArgumentArity.OneOrMore };
}
