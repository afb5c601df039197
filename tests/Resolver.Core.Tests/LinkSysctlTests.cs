// SPDX-License-Identifier: Apache-2.0

using Resolver.Core.Endpoints;
using Resolver.Core.Failures;
using Resolver.Core.Names;
using Xunit;

namespace Resolver.Core.Tests;

public sealed class LinkSysctlTests
{
    [Theory]
    [InlineData("net.ipv4.conf.IFNAME.log_martians=1", "net/ipv4/conf/eth0.7/log_martians", "1")]
    [InlineData("net.ipv6.neigh.IFNAME.gc_stale_time=060", "net/ipv6/neigh/eth0.7/gc_stale_time", "60")]
    [InlineData("net.mpls.conf.IFNAME.input=-1", "net/mpls/conf/eth0.7/input", "-1")]
    [InlineData("net.ipv6.conf.IFNAME.stable_secret=fd00::1", "net/ipv6/conf/eth0.7/stable_secret", "fd00::1")]
    public void A_parameter_of_a_link_reads_as_docker_reads_it(string text, string path, string value)
    {
        LinkSysctl sysctl = LinkSysctl.Parse(text, "sysctls");
        Assert.Equal((path, value), (sysctl.PathOf(InterfaceName.Parse("eth0.7", "link")), sysctl.Value));
        Assert.Equal(sysctl, LinkSysctl.Parse(sysctl.ToString(), "sysctls"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("net.ipv4.conf.IFNAME.log_martians")]
    [InlineData("net.ipv4.conf.IFNAME.log_martians=")]
    [InlineData("net.ipv4.conf.IFNAME.log_martians=1\n2")]
    [InlineData("net.ipv4.conf.eth0.log_martians=1")]
    [InlineData("net.ipv4.conf.all.log_martians=1")]
    [InlineData("net.ipv4.ip_forward=1")]
    [InlineData("net.ipv4.route.IFNAME.flush=1")]
    [InlineData("net.core.conf.IFNAME.somaxconn=1")]
    [InlineData("kernel.ipv4.conf.IFNAME.x=1")]
    [InlineData("net.ipv4.conf.IFNAME.../../x=1")]
    [InlineData("net.ipv4.conf.IFNAME./x=1")]
    [InlineData("net/ipv4/conf/IFNAME/log_martians=1")]
    public void A_parameter_of_anything_else_is_refused_with_the_form(string text)
    {
        RefusedException refused = Assert.Throws<RefusedException>(() => LinkSysctl.Parse(text, "sysctls"));
        Assert.Equal("sysctls", refused.Subject);
        Assert.Contains("net.{ipv4|ipv6|mpls}.{conf|neigh}.IFNAME.PARAMETER=VALUE", refused.Message, StringComparison.Ordinal);
    }
}
