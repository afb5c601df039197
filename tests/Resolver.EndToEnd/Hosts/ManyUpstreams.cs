// SPDX-License-Identifier: Apache-2.0

namespace Resolver.EndToEnd.Hosts;

/// <summary>
/// A host whose daemon trusts a certificate authority of the test's own, and unbound at 192.0.2.2 with a certificate of that: port 853 by TLS,
/// port 8443 by HTTPS, port 854 by TLS with a certificate of another name. Every answer of unbound is 203.0.113.90.
/// </summary>
public sealed class ManyUpstreams : IAsyncLifetime
{
    public const string EncryptedAddress = "203.0.113.90";

    private const string Start = """
        cd /run/host
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem -subj '/CN=test authority' -days 2 2>/dev/null
        certify() {
          openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$1.key" -out "$1.csr" -subj "/CN=$1" 2>/dev/null
          openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key -CAcreateserial -days 1 -out "$1.pem" -extfile <(echo "subjectAltName=$2") 2>/dev/null
        }
        certify dns.test DNS:dns.test,IP:192.0.2.2
        certify other.test DNS:other.test
        serve() {
          local name=$1
          shift
          {
            printf '%s\n' 'server:' ' chroot: ""' ' username: ""' ' pidfile: ""' ' directory: "/run/host"' ' do-daemonize: no' ' use-syslog: no' \
              ' logfile: ""' ' access-control: 0.0.0.0/0 allow' ' module-config: "iterator"' ' num-threads: 1' ' local-zone: "." redirect' \
              ' local-data: ". 60 IN A 203.0.113.90"' ' verbosity: 0' ' log-queries: yes' " tls-service-key: \"/run/host/$name.key\"" " tls-service-pem: \"/run/host/$name.pem\""
            printf ' %s\n' "$@"
          } >"$name.conf"
          background "$name" ip netns exec client unbound -d -c "/run/host/$name.conf"
        }
        serve dns.test 'interface: 192.0.2.2@853' 'interface: 192.0.2.2@8443' 'https-port: 8443'
        serve other.test 'interface: 192.0.2.2@854' 'tls-port: 854'
        listens() { test "$(ip netns exec client ss -Hltn | grep -cE ':(853|854|8443) ')" = 3; }
        eventually listens
        export SSL_CERT_FILE=/run/host/ca.pem
        start_daemon
        resolver network create app --subnet 172.30.0.0/24
        """;

    private HostNamespace? _host;

    public HostNamespace Host => _host ?? throw new InvalidOperationException("not initialised");

    public async ValueTask InitializeAsync()
    {
        _host = await HostNamespace.StartAsync();
        await _host.OkAsync(Upstream.StartScript);
        await _host.OkAsync(Start);
    }

    public ValueTask DisposeAsync() => _host?.DisposeAsync() ?? ValueTask.CompletedTask;
}
