// SPDX-License-Identifier: Apache-2.0

using System.Globalization;
using System.Text.RegularExpressions;
using Resolver.EndToEnd.Hosts;

namespace Resolver.EndToEnd;

/// <summary>
/// A sandbox that floods takes neither the host's memory nor the answers of others. That nothing is logged as an error, the fixture sees to.
/// </summary>
public sealed partial class FloodTests(FloodedHost flooded) : IClassFixture<FloodedHost>
{
    /// <summary>
    /// What a flood may add to the daemon's resident memory: the whole cache of 32 MiB, and twice as much for what the collector has not taken away
    /// yet. Measured: 58 MB by the first flood, 42 MB by the next, none by the one after.
    /// </summary>
    private const int MostKibMore = 96 * 1024;

    private readonly FloodedHost _host = flooded;

    [Theory]
    [InlineData("answered", "names 100000 5000 flood.example")]
    [InlineData("silent", "names 100000 5000 flood.example")]
    [InlineData("answered", "random 200000 20000")]
    public async Task Memory_stays_within_its_bound_and_other_sandboxes_are_answered(string network, string load)
    {
        string said = await _host.OkAsync($$"""
            sandbox flooder {{network}}
            ip netns exec flooder /run/host/flood {{load.Replace("00000 ", "000 ", StringComparison.Ordinal)}} >/dev/null
            echo before=$(memory)
            background load ip netns exec flooder /run/host/flood {{load}}
            asked=0 lost=0
            until ended load; do
              asked=$((asked + 1))
              test "$(ip netns exec peer dig +tries=1 +time=1 +short peer)" = 172.30.0.77 || lost=$((lost + 1))
              sleep 0.1
            done
            echo after=$(memory) asked=$asked lost=$lost
            cat /run/host/load.log; rm /run/host/load.log
            remove flooder
            """);
        Assert.Equal(Number(said, "sent"), int.Parse(load.Split(' ')[1], CultureInfo.InvariantCulture));
        Assert.True(Number(said, "after") - Number(said, "before") <= MostKibMore, said);
        Assert.True(Number(said, "asked") >= 10 && Number(said, "lost") == 0, said);

        // Some datagrams find a socket's buffer full, as anywhere: one in two hundred on a machine that had thirty other things to do.
        Assert.True(load.StartsWith("random", StringComparison.Ordinal) || Number(said, "replied") > Number(said, "sent") * 0.95, said);
    }

    [Fact]
    public async Task Replies_are_never_answered()
    {
        string said = await _host.OkAsync("ip netns exec peer /run/host/flood replies 1000 5000");
        Assert.Equal((1000, 0), (Number(said, "sent"), Number(said, "replied")));
        said = await _host.OkAsync("ip netns exec peer /run/host/flood names 1000 5000 localhost");
        Assert.Equal((1000, 1000), (Number(said, "sent"), Number(said, "replied")));
    }

    private static int Number(string said, string name) => Numbers().Matches(said)
        .Where(match => match.Groups["name"].Value == name)
        .Select(match => int.Parse(match.Groups["number"].Value, CultureInfo.InvariantCulture))
        .Single();

    [GeneratedRegex(@"\b(?<name>[a-z]+)=(?<number>\d+)")]
    private static partial Regex Numbers();
}
