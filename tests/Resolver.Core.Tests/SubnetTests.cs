// SPDX-License-Identifier: Apache-2.0

using Resolver.Core.Addressing;
using Resolver.Core.Failures;
using Xunit;

namespace Resolver.Core.Tests;

public sealed class SubnetTests
{
    [Fact]
    public void Host_bits_are_refused_with_the_subnet_that_was_meant()
    {
        RefusedException refused = Assert.Throws<RefusedException>(() => Subnet.Parse("172.30.0.7/24", "subnet"));
        Assert.Equal("subnet 172.30.0.7/24 has host bits set: did you mean 172.30.0.0/24?", refused.Message);
    }
}
