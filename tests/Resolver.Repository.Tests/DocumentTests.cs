// SPDX-License-Identifier: Apache-2.0

using System.Text.RegularExpressions;

namespace Resolver.Repository.Tests;

/// <summary>Documents, decisions, protos and scripts.</summary>
public sealed partial class DocumentTests
{
    private static readonly string[] Headings = ["Status", "Context", "Decision"];

    private static IEnumerable<string> Scripts => Tree.Files.Where(file => file.EndsWith(".sh", StringComparison.Ordinal) || file == ".ci/run");

    private static IEnumerable<string> Decisions => Tree.Files.Where(file =>
        file.StartsWith("docs/decisions/", StringComparison.Ordinal) && Path.GetFileName(file) is not "README.md");

    [Theory]
    [InlineData("README.md")]
    [InlineData("CHANGELOG.md")]
    [InlineData("CONTRIBUTING.md")]
    [InlineData("LICENSE")]
    [InlineData("Dockerfile")]
    [InlineData("docs/architecture.md")]
    [InlineData("docs/cli.md")]
    [InlineData("docs/benchmarks.md")]
    public void A_document_that_people_look_for_is_there(string file)
    {
        Assert.Contains(file, Tree.Files);
        Assert.True(Tree.ReadLines(file).Length > 3, $"{file} says nothing");
    }

    [Fact]
    public void Scripts_stop_at_the_first_error()
    {
        Tree.NoneOf(Scripts.Where(file => !Tree.ReadLines(file).Contains("set -euo pipefail")));
        Tree.NoneOf(Scripts.Where(file => !Tree.Read(file).StartsWith("#!/usr/bin/env bash\n", StringComparison.Ordinal)));
    }

    [Fact]
    public void Decisions_are_numbered_once_and_say_status_context_and_decision()
    {
        Tree.NoneOf(Decisions.Where(file => !DecisionName().IsMatch(Path.GetFileName(file))));
        Tree.NoneOf(Decisions.GroupBy(file => Path.GetFileName(file)[..4]).Where(same => same.Count() > 1)
            .Select(same => string.Join(" and ", same)));
        Tree.NoneOf(Decisions.SelectMany(file => Headings
            .Where(heading => !Regex.IsMatch(Tree.Read(file), $@"^(#+ |\*\*){heading}\b", RegexOptions.Multiline | RegexOptions.IgnoreCase))
            .Select(heading => $"{file} has no {heading}")));
        Assert.NotEmpty(Decisions);
    }

    [Fact]
    public void Commands_shown_in_documents_are_in_the_reference_of_the_command_line()
    {
        string reference = Tree.Read("docs/cli.md");
        List<string> unknown = [];
        foreach (string file in Tree.Files.Where(file => file.EndsWith(".md", StringComparison.Ordinal)))
        {
            unknown.AddRange(Blocks(Tree.Read(file)).SelectMany(block => Commands(block))
                .Where(command => !reference.Contains($"resolver {command}", StringComparison.Ordinal)).Select(command => $"{file}: resolver {command}"));
        }

        Tree.NoneOf(unknown.Distinct());
    }

    [Fact]
    public void Links_between_documents_lead_somewhere()
    {
        Tree.NoneOf(Tree.Files.Where(file => file.EndsWith(".md", StringComparison.Ordinal)).SelectMany(file => Link().Matches(Tree.Read(file))
            .Select(match => match.Groups["path"].Value).Where(path => !path.Contains("://", StringComparison.Ordinal))
            .Where(path => !Path.Exists(Path.Combine(Tree.Root, Path.GetDirectoryName(file) ?? "", path))).Select(path => $"{file}: {path}")));
    }

    [Fact]
    public void Protos_document_every_message_field_and_call()
    {
        Tree.NoneOf(Tree.Files.Where(file => file.EndsWith(".proto", StringComparison.Ordinal)).SelectMany(Undocumented));
    }

    /// <summary>Members whose line is neither preceded by a comment nor carries one.</summary>
    private static IEnumerable<string> Undocumented(string file)
    {
        string[] lines = Tree.ReadLines(file);
        for (int i = 1; i < lines.Length; i++)
        {
            bool isFirstEnumValue = lines[i].Contains("_UNSPECIFIED = 0", StringComparison.Ordinal);
            if (ProtoMember().IsMatch(lines[i]) && !isFirstEnumValue && !lines[i].Contains("//", StringComparison.Ordinal)
                && !lines[i - 1].TrimStart().StartsWith("//", StringComparison.Ordinal))
            {
                yield return $"{file}:{i + 1}: {lines[i].Trim()}";
            }
        }
    }

    private static IEnumerable<string> Blocks(string markdown) =>
        ConsoleBlock().Matches(markdown).Select(match => match.Groups["text"].Value);

    /// <summary>The words after `resolver`, options left out: `network create`, `ps`.</summary>
    private static IEnumerable<string> Commands(string block) =>
        Command().Matches(block).Select(match => match.Groups["words"].Value is var words && words.StartsWith("network ", StringComparison.Ordinal)
            ? words : words.Split(' ')[0]);

    [GeneratedRegex(@"^\d{4}-[a-z0-9-]+\.md$")]
    private static partial Regex DecisionName();

    [GeneratedRegex(@"^```console\n(?<text>.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex ConsoleBlock();

    [GeneratedRegex(@"^[$#] (?:sudo )?resolver (?<words>[a-z]+(?: [a-z]+)?)", RegexOptions.Multiline)]
    private static partial Regex Command();

    [GeneratedRegex(@"\]\((?<path>[^)#\s]+)(?:#[^)]*)?\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^\s*(?:message|service|enum|rpc)\s+\w|^\s+(?:repeated |optional )?[\w.<>, ]+\s\w+ = \d+;|^\s+[A-Z][A-Z0-9_]+ = \d+;")]
    private static partial Regex ProtoMember();
}
