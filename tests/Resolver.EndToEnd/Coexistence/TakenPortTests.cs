// SPDX-License-Identifier: Apache-2.0

using Resolver.EndToEnd.Hosts;

namespace Resolver.EndToEnd.Coexistence;

/// <summary>Published ports that another process took while no daemon ran.</summary>
public sealed class TakenPortTests(AppNetwork app) : IClassFixture<AppNetwork>
{
    // A daemon that was stopped in order gives its ports up, and leaves rules that lead there.
    private const string Squat = """
        served() { mkdir -p "/run/host/$1"; echo "$1" >"/run/host/$1/index.html"; }
        hears() { ip netns exec client curl --silent --max-time 2 "http://192.0.2.1:$1/" | grep -q "$2"; }
        refused() { ! ip netns exec client curl --silent --max-time 2 "http://192.0.2.1:$1/" >/dev/null; }
        squat() {
          served sandbox; served squatter
          sandbox late app -p 8195:80 -p 8196:80
          inside late late-httpd busybox httpd -f -p 80 -h /run/host/sandbox
          eventually hears 8195 sandbox
          stop daemon
          background squatter busybox httpd -f -p 0.0.0.0:8195 -h /run/host/squatter
          start_daemon
          eventually hears 8195 squatter
        }

        """;

    private readonly HostNamespace _host = app.Host;

    [Fact]
    public async Task A_port_that_another_process_took_is_published_as_soon_as_it_is_free()
    {
        await _host.OkAsync($$"""
            {{Squat}}squat
            nft delete element inet resolver bridges "{ \"$(ip -o link | grep ':network:app:' | cut -d ' ' -f 2 | tr -d :)\" }" # Our rules, made anew, leave the port to who has it.
            eventually grep -q 'Somebody deleted' /run/host/daemon.log
            sleep 0.5
            hears 8195 squatter
            stop squatter
            eventually hears 8195 sandbox
            hears 8196 sandbox
            grep -q 'are free again and published' /run/host/daemon.log
            remove late
            """);
    }

    [Fact]
    public async Task A_port_that_is_taken_back_while_another_process_has_it_is_not_published_when_it_is_free()
    {
        await _host.OkAsync($$"""
            {{Squat}}squat
            resolver unpublish late -p 8195:80
            stop squatter
            eventually hears 8196 sandbox
            sleep 2.5 # A sweep later.
            refused 8195
            resolver publish late -p 8195:80
            hears 8195 sandbox
            resolver unpublish late -p 8195:80 -p 8196:80
            refused 8195; refused 8196
            remove late
            """);
    }
}
