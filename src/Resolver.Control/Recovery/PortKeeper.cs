// SPDX-License-Identifier: Apache-2.0

using Microsoft.Extensions.Logging;
using Resolver.Control.Changes;
using Resolver.Control.Writing;
using Resolver.Core.Failures;
using Resolver.Core.Names;
using Resolver.Linux;
using Resolver.Networking;

namespace Resolver.Control.Recovery;

/// <summary>Publishes ports that another process had taken while no daemon ran, as soon as they are free.</summary>
internal sealed partial class PortKeeper
{
    private readonly HostNetworking _networking;
    private readonly Writer _writer;
    private readonly ILogger _logger;
    private readonly HashSet<ObjectId> _failed = [];
    private Task _trying = Task.CompletedTask;

    internal PortKeeper(HostNetworking networking, Writer writer, ILogger logger)
    {
        _networking = networking;
        _writer = writer;
        _logger = logger;
    }

    /// <summary>Tries those that are not published, unless it is still at it. Does not wait.</summary>
    internal void Try()
    {
        if (_trying.IsCompleted)
        {
            _trying = TryAsync();
        }
    }

    private Task TryAsync() => Task.WhenAll(_networking.UnpublishedEndpoints.Select(TryAsync));

    private async Task TryAsync(ObjectId endpoint)
    {
        try
        {
            await _writer.SubmitAsync(new PreparedChange(new Repair(endpoint), WorldFacts.None));
            Forget(endpoint);
        }
        catch (Exception e) when (e is KernelException or RefusedException or IOException or UnauthorizedAccessException)
        {
            if (IsFirst(endpoint) && e is not RefusedException { Reason: FailureReason.Unavailable or FailureReason.Exhausted })
            {
                LogNotPublished(e);
            }
        }
    }

    private bool IsFirst(ObjectId endpoint)
    {
        lock (_failed)
        {
            return _failed.Add(endpoint);
        }
    }

    private void Forget(ObjectId endpoint)
    {
        lock (_failed)
        {
            _failed.Remove(endpoint);
        }
    }

    [LoggerMessage(EventId = 4037, Level = LogLevel.Warning, Message = "Ports that are free again can't be published yet; it is tried again and again")]
    private partial void LogNotPublished(Exception exception);
}
