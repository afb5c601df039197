// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;

namespace Resolver.Daemon.Options;

/// <summary>One option: a flag, an environment variable and a key of the configuration file at once.</summary>
/// <param name="Name">Words with '-' between them: run-dir.</param>
/// <param name="Value">What the help calls the value.</param>
/// <param name="Summary">One line for the help.</param>
/// <param name="Apply">Takes the values (one, unless <see cref="Repeatable"/>); throws <see cref="FormatException"/> for a value that makes no sense.</param>
internal sealed record OptionDefinition(string Name, string Value, string Summary, Func<DaemonOptions, ImmutableArray<string>, DaemonOptions> Apply)
{
    /// <summary>True when it may be given more than once (in the environment: with ',' between the values).</summary>
    public bool Repeatable { get; init; }

    /// <summary>On the command line: --run-dir.</summary>
    public string Flag => $"--{Name}";

    /// <summary>In the environment: RESOLVER_RUN_DIR.</summary>
    public string Variable => $"RESOLVER_{Name.Replace('-', '_').ToUpperInvariant()}";

    /// <summary>In the configuration file: runDir.</summary>
    public string Key => string.Concat(Name.Split('-').Select((word, index) => index == 0 ? word : char.ToUpperInvariant(word[0]) + word[1..]));
}
