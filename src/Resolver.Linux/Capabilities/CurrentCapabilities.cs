// SPDX-License-Identifier: Apache-2.0

using System.Globalization;

namespace Resolver.Linux.Capabilities;

/// <summary>What the calling thread may do.</summary>
public static class CurrentCapabilities
{
    /// <summary>True if the capability is in the effective set (CapEff of /proc/thread-self/status, proc(5)).</summary>
    public static bool Has(Capability capability)
    {
        const string Field = "CapEff:";
        string line = File.ReadLines("/proc/thread-self/status").First(l => l.StartsWith(Field, StringComparison.Ordinal));
        ulong effective = ulong.Parse(line[Field.Length..].Trim(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        return ((effective >> (int)capability) & 1) == 1;
    }
}
