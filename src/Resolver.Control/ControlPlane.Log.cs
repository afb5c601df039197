// SPDX-License-Identifier: Apache-2.0

using Microsoft.Extensions.Logging;

namespace Resolver.Control;

public sealed partial class ControlPlane
{
    [LoggerMessage(EventId = 4000, Level = LogLevel.Information, Message = "Open for changes: {Networks} networks, {Sandboxes} sandboxes, {Endpoints} endpoints")]
    private partial void LogStarted(int networks, int sandboxes, int endpoints);

    [LoggerMessage(EventId = 4004, Level = LogLevel.Error, Message = "Changes of the host's ruleset can't be watched: what others delete of ours is noticed at the next change only")]
    private partial void LogRulesNotWatched(Exception exception);

    [LoggerMessage(EventId = 4005, Level = LogLevel.Error, Message = "Changes of the host's links can't be watched: what others change of ours is repaired at the next start only")]
    private partial void LogLinksNotWatched(Exception exception);

    [LoggerMessage(EventId = 4003, Level = LogLevel.Error, Message = "Sandbox {Sandbox} has ended but can't be removed; the next sweep tries again")]
    private partial void LogEndFailed(string sandbox, Exception exception);
}
