// SPDX-License-Identifier: Apache-2.0

using System.Xml.Linq;

namespace Resolver.Repository.Tests;

/// <summary>The arrows between the projects, and what only one of them may do.</summary>
public sealed class ProjectTests
{
    private static readonly Dictionary<string, string[]> Arrows = new()
    {
        ["Resolver.Core"] = [],
        ["Resolver.Linux"] = [],
        ["Resolver.Dns"] = ["Resolver.Core", "Resolver.Linux"],
        ["Resolver.Networking"] = ["Resolver.Core", "Resolver.Linux"],
        ["Resolver.Store"] = ["Resolver.Core"],
        ["Resolver.Control"] = ["Resolver.Core", "Resolver.Linux", "Resolver.Store", "Resolver.Networking", "Resolver.Dns"],
        ["Resolver.Contract"] = [],
        ["Resolver.Daemon"] =
        [
            "Resolver.Core", "Resolver.Linux", "Resolver.Dns", "Resolver.Networking", "Resolver.Store", "Resolver.Control", "Resolver.Contract",
        ],
        ["Resolver.Cli"] = ["Resolver.Contract", "Resolver.Linux"],
    };

    /// <summary>Projects without a test project of their own, and why.</summary>
    private static readonly Dictionary<string, string> Untested = new()
    {
        ["Resolver.Contract"] = "generated code; the daemon's and the command's tests use every message",
    };

    private static IEnumerable<string> InSource => Tree.Projects.Where(file => file.StartsWith("src/", StringComparison.Ordinal));

    [Fact]
    public void A_project_references_only_what_the_arrows_allow()
    {
        Tree.NoneOf(InSource.SelectMany(file => References(file)
            .Where(reference => !Arrows.TryGetValue(NameOf(file), out string[]? allowed) || !allowed.Contains(reference))
            .Select(reference => $"{NameOf(file)} -> {reference}")));
        Tree.NoneOf(InSource.Select(NameOf).Where(name => !Arrows.ContainsKey(name)).Select(name => $"{name} has no arrows here"));
    }

    [Fact]
    public void Transitive_references_stay_off_so_that_the_compiler_holds_the_arrows()
    {
        Assert.Contains("<DisableTransitiveProjectReferences>true</DisableTransitiveProjectReferences>", Tree.Read("Directory.Build.props"), StringComparison.Ordinal);
        Tree.NoneOf(Tree.Projects.Where(file => Tree.Read(file).Contains("DisableTransitiveProjectReferences", StringComparison.Ordinal)));
    }

    [Fact]
    public void Unsafe_code_is_allowed_in_the_native_boundary_alone()
    {
        Assert.Equal(
            ["src/Resolver.Linux/Resolver.Linux.csproj"],
            InSource.Where(file => Tree.Read(file).Contains("AllowUnsafeBlocks", StringComparison.Ordinal)));
    }

    [Fact]
    public void Every_project_has_tests_or_a_reason_to_have_none()
    {
        Tree.NoneOf(InSource.Select(NameOf).Where(name =>
            !Untested.ContainsKey(name) && !Tree.Sources.Any(file => file.StartsWith($"tests/{name}.Tests/", StringComparison.Ordinal)
                && Tree.Read(file).Contains("[Fact]", StringComparison.Ordinal))));
    }

    [Fact]
    public void Versions_of_packages_stand_in_one_file()
    {
        Tree.NoneOf(Tree.Projects.Append("Directory.Build.props").Append("tests/Directory.Build.props")
            .Where(file => Elements(file, "PackageReference").Any(reference => reference.Attribute("Version") is not null
                || reference.Attribute("VersionOverride") is not null || reference.Element("Version") is not null)));
    }

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        string solution = Tree.Read("Resolver.sln").Replace('\\', '/');
        Tree.NoneOf(Tree.Projects.Where(file => !solution.Contains(file, StringComparison.Ordinal)));
    }

    [Fact]
    public void Every_project_has_its_lock_file()
    {
        Tree.NoneOf(Tree.Projects.Where(file => !Tree.Files.Contains($"{Path.GetDirectoryName(file)}/packages.lock.json")));
    }

    private static IEnumerable<string> References(string file) =>
        Elements(file, "ProjectReference").Select(reference => NameOf(reference.Attribute("Include")?.Value ?? ""));

    private static IEnumerable<XElement> Elements(string file, string name) => XDocument.Parse(Tree.Read(file)).Descendants(name);

    private static string NameOf(string project) => Path.GetFileNameWithoutExtension(project.Replace('\\', '/'));
}
