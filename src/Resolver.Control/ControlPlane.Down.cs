// SPDX-License-Identifier: Apache-2.0

using Resolver.Control.Changes;
using Resolver.Control.Writing;
using Resolver.Core.Failures;

namespace Resolver.Control;

public sealed partial class ControlPlane
{
    // What others make meanwhile goes as well, but not for ever.
    private const int MostRounds = 5;

    /// <summary>Removes all sandboxes and all networks but the default one. Processes in sandboxes go on, without network.</summary>
    /// <exception cref="RefusedException">Something could not be removed; the rest is.</exception>
    /// <exception cref="Linux.KernelException">The same, refused by the kernel.</exception>
    public Task<TakenDown> DownAsync(CancellationToken cancellationToken) =>
        _isOpen && _writer is { } writer ? DownAsync(writer, includesDefault: false, cancellationToken) : throw NotOpen();

    /// <summary>
    /// Takes no further changes, removes everything, the default network included, and then what the host has of us beside networks: tables, rules in
    /// DOCKER-USER, settings. When this returns nothing is left to do but to stop; when it throws, changes are taken again.
    /// </summary>
    /// <exception cref="RefusedException">Something could not be removed.</exception>
    /// <exception cref="Linux.KernelException">The same, refused by the kernel.</exception>
    public async Task<TakenDown> UninstallAsync()
    {
        if (!_isOpen || _writer is not { } writer)
        {
            throw NotOpen();
        }

        _isOpen = false;
        try
        {
            TakenDown down = await DownAsync(writer, includesDefault: true, CancellationToken.None);
            await _stop.CancelAsync();
            await _keeping; // Or it would make the tables again.
            return down with { Settings = _networking.Uninstall() };
        }
        catch
        {
            _isOpen = !_stop.IsCancellationRequested;
            throw;
        }
    }

    private static async Task<TakenDown> DownAsync(Writer writer, bool includesDefault, CancellationToken cancellationToken)
    {
        int sandboxes = 0;
        int networks = 0;
        for (int round = 0; round < MostRounds; round++)
        {
            // All at once: the writer puts them into few commits, and the kernel's part runs side by side.
            Task<bool>[] leaving = [.. writer.Current.Sandboxes.Values.Select(sandbox => RemoveAsync(writer, new RemoveSandbox(sandbox.Id.Value)))];
            sandboxes += (await Task.WhenAll(leaving)).Count(isRemoved => isRemoved);
            cancellationToken.ThrowIfCancellationRequested();
            Task<bool>[] going =
            [
                .. writer.Current.Networks.Values.Where(network => includesDefault || !network.IsDefault)
                    .Select(network => RemoveAsync(writer, new RemoveNetwork(network.Id.Value) { IncludesDefault = includesDefault })),
            ];
            networks += (await Task.WhenAll(going)).Count(isRemoved => isRemoved);
            if (writer.Current.Sandboxes.IsEmpty && writer.Current.Networks.Values.All(network => network.IsDefault && !includesDefault))
            {
                return new TakenDown(sandboxes, networks, []);
            }
        }

        throw RefusedException.WrongState("networks", "something is made again as fast as it is removed; stop who does that, and try again");
    }

    /// <returns>False if it was gone already, or is in use by what came meanwhile.</returns>
    private static async Task<bool> RemoveAsync(Writer writer, Change change)
    {
        try
        {
            await writer.SubmitAsync(new PreparedChange(change, WorldFacts.None));
            return true;
        }
        catch (RefusedException e) when (e.Reason is FailureReason.NotFound or FailureReason.FailedPrecondition)
        {
            return false;
        }
    }

    private static RefusedException NotOpen() =>
        new(FailureReason.Unavailable, "daemon", "the daemon takes no changes while it starts or stops; try again in a moment");
}
