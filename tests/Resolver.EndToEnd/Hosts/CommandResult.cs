// SPDX-License-Identifier: Apache-2.0

namespace Resolver.EndToEnd.Hosts;

/// <summary>What a command in a host namespace said and how it ended.</summary>
public sealed record CommandResult(string Script, int ExitCode, string Output, string Error)
{
    public string Lines => Output.TrimEnd('\n');

    /// <summary>The output of a command that must succeed.</summary>
    public string Succeeded()
    {
        Assert.True(ExitCode == 0, Describe("should have succeeded"));
        return Lines;
    }

    /// <summary>The one line that a command which must fail wrote on standard error.</summary>
    public string Refused()
    {
        Assert.True(ExitCode != 0, Describe("should have been refused"));
        string line = Assert.Single(Error.TrimEnd('\n').Split('\n'));
        Assert.False(string.IsNullOrWhiteSpace(line), Describe("was refused without a word"));
        return line;
    }

    private string Describe(string problem) => $"{Script}\n{problem}; exit status {ExitCode}\n--- output\n{Output}\n--- error\n{Error}";
}
