// SPDX-License-Identifier: Apache-2.0

namespace Resolver.Store.Tests.Sqlite;

/// <summary>A directory of its own, removed in the end.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("resolver-store-");

    internal string this[string name] => Path.Combine(_directory.FullName, name);

    internal string FullName => _directory.FullName;

    public void Dispose() => _directory.Delete(recursive: true);
}
