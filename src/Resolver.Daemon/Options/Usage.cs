// SPDX-License-Identifier: Apache-2.0

using System.Text;

namespace Resolver.Daemon.Options;

/// <summary>What --help and --version print.</summary>
internal static class Usage
{
    /// <summary>The version, without the commit that the SDK appends.</summary>
    public static string Version { get; } = typeof(Usage).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";

    /// <summary>The help.</summary>
    public static string Help()
    {
        StringBuilder text = new();
        text.Append("resolverd: networks, published ports and DNS at 127.0.0.11 for network namespaces\n\nUsage: resolverd [OPTION]...\n\n");
        foreach (OptionDefinition option in OptionDefinitions.All)
        {
            Line(text, $"{option.Flag} {option.Value}", option.Summary);
        }

        Line(text, "--config PATH", $"a JSON object of these options in camelCase, such as \"runDir\" (default {OptionsReader.DefaultConfigPath})");
        Line(text, "--help", "show this and exit");
        Line(text, "--version", "show the version and exit");
        text.Append("\nEvery option is also read from the environment (RESOLVER_RUN_DIR and so on); the command line wins over the environment,\n");
        text.Append("the environment over the file. SIGTERM stops the daemon and leaves the networks as they are.\n");
        return text.ToString();
    }

    private static void Line(StringBuilder text, string left, string right) => text.Append("  ").Append(left.PadRight(24)).Append(right).Append('\n');
}
