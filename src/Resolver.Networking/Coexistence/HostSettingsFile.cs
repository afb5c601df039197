// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using System.Text;

namespace Resolver.Networking.Coexistence;

/// <summary>
/// The file of changed settings: a line each, <c>KEY BEFORE OURS</c>, in the order in which they were changed. Replaced as a whole and on disk
/// when a write returns.
/// </summary>
internal static class HostSettingsFile
{
    /// <summary>Reads it; empty if there is none. A line that is none of ours is left out: what is not known can't be undone.</summary>
    /// <exception cref="IOException">It is there and can't be read.</exception>
    internal static ImmutableArray<HostSetting> Read(string path) => File.Exists(path)
        ? [.. File.ReadAllLines(path).Select(line => line.Split(' ')).Where(words => words.Length == 3).Select(words => new HostSetting(words[0], words[1], words[2]))]
        : [];

    /// <exception cref="IOException">It can't be written.</exception>
    internal static void Write(string path, IEnumerable<HostSetting> settings)
    {
        string next = path + ".new";
        using (FileStream file = new(next, FileMode.Create, FileAccess.Write))
        {
            foreach (HostSetting setting in settings)
            {
                file.Write(Encoding.UTF8.GetBytes($"{setting.Key} {setting.Before} {setting.Ours}\n"));
            }

            file.Flush(flushToDisk: true);
        }

        File.Move(next, path, overwrite: true);
    }
}
