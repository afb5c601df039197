// SPDX-License-Identifier: Apache-2.0

using System.Globalization;
using Resolver.Core.Failures;

namespace Resolver.Daemon.Hosting;

/// <summary>The capabilities that the daemon can't do without (capabilities(7)).</summary>
internal static class Privileges
{
    // linux/capability.h
    private static readonly (int Bit, string Name)[] Needed = [(12, "CAP_NET_ADMIN"), (21, "CAP_SYS_ADMIN")];

    /// <summary>Checks the text of /proc/self/status.</summary>
    /// <exception cref="RefusedException">PermissionDenied: names what is missing.</exception>
    public static void Check(string processStatus)
    {
        const string Field = "CapEff:";
        string line = processStatus.Split('\n').First(line => line.StartsWith(Field, StringComparison.Ordinal));
        ulong effective = ulong.Parse(line.AsSpan(Field.Length).Trim(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        string[] missing = [.. Needed.Where(needed => (effective >> needed.Bit & 1) == 0).Select(needed => needed.Name)];
        if (missing.Length > 0)
        {
            throw new RefusedException(
                FailureReason.PermissionDenied, missing[0], $"{string.Join(" and ", missing)} missing: start resolverd as root, or with these capabilities");
        }
    }
}
