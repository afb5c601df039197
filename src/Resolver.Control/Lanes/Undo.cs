// SPDX-License-Identifier: Apache-2.0

using Microsoft.Extensions.Logging;
using Resolver.Core.Failures;
using Resolver.Linux;

namespace Resolver.Control.Lanes;

/// <summary>The inverses of what was done so far. Left without <see cref="Keep"/> they run, last first; one that fails is logged and the others still run.</summary>
internal sealed partial class Undo : IAsyncDisposable
{
    private readonly ILogger _logger;
    private readonly Stack<(string What, Func<ValueTask> Step)> _steps = [];

    internal Undo(ILogger logger)
    {
        _logger = logger;
    }

    internal void Push(string what, Func<ValueTask> step) => _steps.Push((what, step));

    internal void Push(string what, Action step) => Push(what, () =>
    {
        step();
        return ValueTask.CompletedTask;
    });

    /// <summary>All went well: nothing is undone.</summary>
    internal void Keep() => _steps.Clear();

    public async ValueTask DisposeAsync()
    {
        while (_steps.TryPop(out (string What, Func<ValueTask> Step) entry))
        {
            try
            {
                await entry.Step();
            }
            catch (Exception e) when (e is KernelException or RefusedException or IOException or UnauthorizedAccessException)
            {
                LogUndoFailed(entry.What, e);
            }
        }
    }

    [LoggerMessage(EventId = 4010, Level = LogLevel.Error, Message = "Undo of '{What}' failed: the kernel keeps what desired state does not have")]
    private partial void LogUndoFailed(string what, Exception exception);
}
