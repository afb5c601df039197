// SPDX-License-Identifier: Apache-2.0

namespace Resolver.Core.Networks;

/// <summary>How an upstream is spoken to.</summary>
public enum UpstreamProtocol
{
    /// <summary>UDP, and TCP for what does not fit (RFC 1035 §4.2, RFC 7766).</summary>
    Plain,

    /// <summary>DNS over TLS (RFC 7858), with a certificate that is checked.</summary>
    Tls,

    /// <summary>DNS over HTTPS (RFC 8484), by POST to /dns-query.</summary>
    Https,
}
