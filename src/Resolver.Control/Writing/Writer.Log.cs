// SPDX-License-Identifier: Apache-2.0

using Microsoft.Extensions.Logging;

namespace Resolver.Control.Writing;

internal sealed partial class Writer
{
    [LoggerMessage(EventId = 4001, Level = LogLevel.Critical, Message = "The writer of changes failed")]
    private partial void LogWriterFailed(Exception exception);

    [LoggerMessage(EventId = 4002, Level = LogLevel.Error, Message = "The store refused a commit")]
    private partial void LogStoreRefused(Exception exception);
}
