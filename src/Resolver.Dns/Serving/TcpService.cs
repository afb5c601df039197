// SPDX-License-Identifier: Apache-2.0

using Microsoft.Extensions.Logging;
using Resolver.Dns.Forwarding;

namespace Resolver.Dns.Serving;

/// <summary>What all TCP connections share.</summary>
internal sealed partial class TcpService(DnsServiceOptions options, TimeProvider timeProvider, DnsCounts counts, Forwarder forwarder, ILogger logger)
{
    internal DnsServiceOptions Options => options;

    internal TimeProvider TimeProvider => timeProvider;

    internal DnsCounts Counts => counts;

    internal Forwarder Forwarder => forwarder;

    [LoggerMessage(EventId = 2003, Level = LogLevel.Error, Message = "A question could not be answered over TCP because of a bug; its connection is closed.")]
    private static partial void LogFailure(ILogger logger, Exception failure);

    [LoggerMessage(EventId = 2004, Level = LogLevel.Warning, Message = "Cannot accept a TCP connection at {Listener}: {Reason}; trying again soon.")]
    private static partial void LogNotAccepted(ILogger logger, string listener, string reason);

    internal void LogBug(Exception failure) => LogFailure(logger, failure);

    internal void NotAccepted(string listener, string reason) => LogNotAccepted(logger, listener, reason);
}
