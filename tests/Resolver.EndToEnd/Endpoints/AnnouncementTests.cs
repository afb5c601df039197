// SPDX-License-Identifier: Apache-2.0

using Resolver.EndToEnd.Hosts;

namespace Resolver.EndToEnd.Endpoints;

/// <summary>Who is on a network hears whose an address is now.</summary>
public sealed class AnnouncementTests(RunningHost running) : IClassFixture<RunningHost>
{
    private const string Functions = """
        listen() { # listen LOG SANDBOX LINK: notes what is announced there
          rm -f "/run/host/$1.log"; background "$1" ip netns exec "$2" tcpdump -l -n -t -i "$3" 'arp or (icmp6 and ip6[40] == 136)'
          eventually grep -q 'listening on' "/run/host/$1.log"
        }
        heard() { grep -cE -- "$2" "/run/host/$1.log" || true; }
        hears() { [[ $(heard "$1" "$2") == "$3" ]]; }
        """;

    private readonly HostNamespace _host = running.Host;

    [Fact]
    public async Task A_new_endpoint_is_announced_to_its_neighbours_as_often_as_asked_for_and_not_to_itself()
    {
        string heard = await _host.OkAsync(Functions + """

            resolver network create said --subnet 172.30.5.0/24 --subnet fd00:5::/64 \
              --opt com.docker.network.advertise_addr_nmsgs=2 --opt com.docker.network.advertise_addr_ms=100
            ip netns add ear; resolver network connect said --netns /run/netns/ear --name ear
            ip netns add one; ip netns add two
            listen ear ear eth0; listen own one any
            resolver network connect said --netns /run/netns/one --name one --ip 172.30.5.51 --ip fd00:5::51 --mac 02:00:00:00:00:51
            eventually hears ear 'who-has 172.30.5.51.*tell 172.30.5.51' 2
            # The second one's announcements come later than any of the first one's that were too many.
            resolver network connect said --netns /run/netns/two --name two --ip 172.30.5.52 --ip fd00:5::52
            eventually hears own 'who-has 172.30.5.52.*tell 172.30.5.52' 2
            eventually hears ear 'advertisement, tgt is fd00:5::52' 2
            heard ear 'who-has 172.30.5.51.*tell 172.30.5.51'; heard ear 'fd00:5::51 > ff02::1: .*advertisement, tgt is fd00:5::51'
            heard own '172.30.5.51.*tell 172.30.5.51'; heard own 'tgt is fd00:5::51'
            stop ear; stop own
            """);
        Assert.EndsWith("\n2\n2\n0\n0", heard, StringComparison.Ordinal);
        await _host.OkAsync("""
            for name in ear one two; do resolver network disconnect said $name; ip netns del $name; done
            resolver network rm said
            """);
    }

    [Theory]
    [InlineData("--opt advertise_addr_nmsgs=0")]
    [InlineData("--icc=false")]
    public async Task Where_it_is_not_wanted_nothing_is_announced_but_the_host_knows(string option)
    {
        string heard = await _host.OkAsync(Functions + $"""

            resolver network create quiet --subnet 172.30.5.0/24 {option} --opt advertise_addr_ms=100
            resolver network create loud --subnet 172.30.6.0/24 --opt advertise_addr_nmsgs=1
            ip netns add ear; resolver network connect quiet --netns /run/netns/ear --name ear; resolver network connect loud ear
            bridge=$(ip -o route get 172.30.5.51 | sed -E 's/.* dev ([^ ]+) .*/\1/')
            ip neighbour replace 172.30.5.51 lladdr 02:00:00:00:00:99 dev "$bridge" nud reachable
            listen ear ear any
            ip netns add one
            resolver network connect quiet --netns /run/netns/one --name one --ip 172.30.5.51 --mac 02:00:00:00:00:51
            resolver network connect loud one --ip 172.30.6.51
            eventually hears ear 'tell 172.30.6.51' 1
            heard ear 'who-has 172.30.5.51.*tell 172.30.5.51'
            ip neighbour show 172.30.5.51 dev "$bridge" | grep -o 'lladdr [^ ]*'
            stop ear
            """);
        Assert.EndsWith("\n0\nlladdr 02:00:00:00:00:51", heard, StringComparison.Ordinal);
        await _host.OkAsync("""
            for name in ear one; do resolver network disconnect quiet $name; resolver network disconnect loud $name; ip netns del $name; done
            resolver network rm quiet loud
            """);
    }

    [Fact]
    public async Task Where_nobody_says_how_often_only_an_address_that_was_anothers_is_announced()
    {
        string heard = await _host.OkAsync(Functions + """

            resolver network create once --subnet 172.30.5.0/24 --opt advertise_addr_ms=100
            for name in ear one two; do ip netns add $name; done
            resolver network connect once --netns /run/netns/ear --name ear
            listen ear ear eth0
            resolver network connect once --netns /run/netns/one --name one --ip 172.30.5.51
            resolver network disconnect once one
            resolver network connect once --netns /run/netns/one --name one --ip 172.30.5.60
            resolver network connect once --netns /run/netns/two --name two --ip 172.30.5.51
            eventually hears ear 'who-has 172.30.5.51.*tell 172.30.5.51' 3
            heard ear 'who-has 172.30.5.60.*tell 172.30.5.60'
            stop ear
            """);
        Assert.EndsWith("\n0", "\n" + heard, StringComparison.Ordinal);
        await _host.OkAsync("""
            for name in ear one two; do resolver network disconnect once $name; ip netns del $name; done
            resolver network rm once
            """);
    }

    [Fact]
    public async Task A_neighbour_that_knew_the_former_owner_of_an_address_reaches_the_new_one_at_once()
    {
        await _host.OkAsync("""
            resolver network create again --subnet 172.30.5.0/24 --subnet fd00:5::/64
            ip netns add peer; resolver network connect again --netns /run/netns/peer --name peer
            ip netns add new; resolver network connect again --netns /run/netns/new --name old --ip 172.30.5.61 --ip fd00:5::61 --mac 02:00:00:00:00:99
            resolver network disconnect again old
            ip -n peer neighbour replace 172.30.5.61 lladdr 02:00:00:00:00:99 dev eth0 nud reachable
            ip -n peer neighbour replace fd00:5::61 lladdr 02:00:00:00:00:99 dev eth0 nud reachable
            resolver network connect again --netns /run/netns/new --name new --ip 172.30.5.61 --ip fd00:5::61 --mac 02:00:00:00:00:61
            ip netns exec peer ping -c 1 -W 1 172.30.5.61
            ip netns exec peer ping -c 1 -W 1 fd00:5::61
            """);
        await _host.OkAsync("""
            for name in peer new; do resolver network disconnect again $name; ip netns del $name; done
            resolver network rm again
            """);
    }
}
