// SPDX-License-Identifier: Apache-2.0

using System.Diagnostics;

namespace Resolver.Repository.Tests;

/// <summary>The files of the repository: what git tracks, and what it would if it were added now.</summary>
public static class Tree
{
    public static string Root { get; } = FindRoot();

    /// <summary>Paths below the root, with forward slashes.</summary>
    public static IReadOnlyList<string> Files { get; } = List();

    public static IEnumerable<string> Sources => Files.Where(file => file.EndsWith(".cs", StringComparison.Ordinal));

    public static IEnumerable<string> Projects => Files.Where(file => file.EndsWith(".csproj", StringComparison.Ordinal));

    public static string Read(string file) => File.ReadAllText(Path.Combine(Root, file));

    public static string[] ReadLines(string file) => File.ReadAllLines(Path.Combine(Root, file));

    /// <summary>Fails with one line per offender.</summary>
    public static void NoneOf(IEnumerable<string> offenders)
    {
        string listed = string.Join('\n', offenders);
        Assert.True(listed.Length == 0, listed);
    }

    private static string FindRoot()
    {
        DirectoryInfo? directory = new(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "Resolver.sln")))
        {
            directory = directory.Parent;
        }

        return directory?.FullName ?? throw new InvalidOperationException("these tests run from inside the repository");
    }

    private static IReadOnlyList<string> List()
    {
        // safe.directory: the suite may run as another user than the owner of the checkout.
        ProcessStartInfo start = new("git")
        {
            ArgumentList = { "-c", "safe.directory=*", "-C", Root, "ls-files", "--cached", "--others", "--exclude-standard" },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process git = Process.Start(start) ?? throw new InvalidOperationException("git did not start");
        string[] files = git.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string error = git.StandardError.ReadToEnd();
        git.WaitForExit();
        return git.ExitCode == 0
            ? [.. files.Where(file => File.Exists(Path.Combine(Root, file))).Distinct().Order(StringComparer.Ordinal)]
            : throw new InvalidOperationException($"git ls-files: {error}");
    }
}
