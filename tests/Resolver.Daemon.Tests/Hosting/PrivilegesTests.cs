// SPDX-License-Identifier: Apache-2.0

using Resolver.Core.Failures;
using Resolver.Daemon.Hosting;
using Xunit;

namespace Resolver.Daemon.Tests.Hosting;

public sealed class PrivilegesTests
{
    [Theory]
    [InlineData("0000000000000000", "CAP_NET_ADMIN and CAP_SYS_ADMIN missing")]
    [InlineData("0000000000001000", "CAP_SYS_ADMIN missing")]
    [InlineData("0000000000200000", "CAP_NET_ADMIN missing")]
    public void What_is_missing_is_named(string effective, string message)
    {
        RefusedException refusal = Assert.Throws<RefusedException>(() => Privileges.Check($"Name:\tx\nCapEff:\t{effective}\n"));

        Assert.Equal(FailureReason.PermissionDenied, refusal.Reason);
        Assert.StartsWith(message, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Both_suffice() => Privileges.Check("CapEff:\t0000000000201000\n");
}
