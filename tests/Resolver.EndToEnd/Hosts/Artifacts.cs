// SPDX-License-Identifier: Apache-2.0

namespace Resolver.EndToEnd.Hosts;

/// <summary>Where tests/run.sh published the executables under test: RESOLVER_BIN, else artifacts/bin of this repository.</summary>
public static class Artifacts
{
    public static string Directory { get; } = Find();

    /// <summary>The checkout that these tests were built in.</summary>
    public static string RepositoryRoot => FindRoot();

    private static string Find()
    {
        string? given = Environment.GetEnvironmentVariable("RESOLVER_BIN");
        string directory = given ?? Path.Combine(RepositoryRoot, "artifacts", "bin");
        return File.Exists(Path.Combine(directory, "resolverd")) && File.Exists(Path.Combine(directory, "resolver"))
            ? directory
            : throw new InvalidOperationException($"no resolverd and resolver in {directory}; tests/run.sh publishes them");
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
}
