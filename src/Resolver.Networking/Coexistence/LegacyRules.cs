// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Resolver.Linux;
using Resolver.Linux.Processes;
using Resolver.Linux.Xtables;
using Resolver.Networking.Applying;
using Resolver.Networking.Firewall;

namespace Resolver.Networking.Coexistence;

/// <summary>
/// The rules of iptables-legacy(8), which nft does not show and whose changes nobody announces. Its programs run only where the kernel has such tables
/// in use, since they make them otherwise. One caller at a time.
/// </summary>
internal sealed partial class LegacyRules(HostKernel host, DockerUserChain dockerUser, ILogger logger)
{
    private string? _unseen;

    /// <summary>True if Docker has made its chain there.</summary>
    internal bool HasDocker => DockerUser.LegacyPrograms.Any(program => Filter(program.Program, program.Family)?.HasDockerUser == true);

    /// <summary>Puts our rules into DOCKER-USER where that chain is and they are not, unless told not to.</summary>
    /// <param name="mayAccept">False to leave DOCKER-USER alone.</param>
    /// <param name="isOpenedByUs">Tells for a family, <c>ip</c> or <c>ip6</c>, whether we switched on its forwarding.</param>
    /// <returns>What stands in the way, or open, one line each.</returns>
    internal ImmutableArray<string> Look(bool mayAccept, Func<string, bool> isOpenedByUs)
    {
        ImmutableArray<string>.Builder warnings = ImmutableArray.CreateBuilder<string>();
        foreach ((string program, string family) in DockerUser.LegacyPrograms)
        {
            if (Filter(program, family) is not { } filter)
            {
                continue;
            }

            bool isOpened = filter.HasDockerUser && isOpenedByUs(family);
            ImmutableArray<string[]> rules = isOpened ? DockerUser.StrictRules : DockerUser.Rules;
            bool passes = filter.HasDockerUser && mayAccept && (filter.Has(rules) || dockerUser.TryAccept(program, isOpened));
            if (!passes && !filter.LetsOursPass && filter.Drop is { } how)
            {
                warnings.Add(new ForeignDrop($"{family} filter", "FORWARD", how, $"of {program}", ForeignDrop.AcceptBy(program)).ToString());
            }
            else if (isOpened && filter.AcceptsByPolicy)
            {
                warnings.Add(OpenForward.Warning(program));
            }
        }

        return warnings.ToImmutable();
    }

    /// <summary>Takes our rules out of DOCKER-USER again.</summary>
    internal void Withdraw()
    {
        foreach ((string program, string family) in DockerUser.LegacyPrograms)
        {
            if (Filter(program, family)?.HasDockerUser == true)
            {
                dockerUser.Withdraw(program);
            }
        }
    }

    // Null where there is none, or none that can be seen. It is looked at every few seconds: the same failure is logged once.
    private SavedFilter? Filter(string program, string family)
    {
        try
        {
            return host.In(() => LegacyTables.IsInUse("filter", isIPv6: family == "ip6") ? Save(program) : null);
        }
        catch (KernelException e)
        {
            if (_unseen != e.Message)
            {
                _unseen = e.Message;
                LogUnseen(program, e.Message);
            }

            return null;
        }
    }

    private static SavedFilter Save(string program)
    {
        (int status, string output, string error) = HostProgram.Run($"{program}-save", "-t", "filter");
        return status == 0 ? new SavedFilter(output) : throw new KernelException("run", $"{program}-save", Errno.EIO, error);
    }

    [LoggerMessage(
        EventId = 14, Level = LogLevel.Warning, Message = "There are rules of {Program} and they can't be looked at, so nobody says whether they drop our traffic: {Reason}")]
    private partial void LogUnseen(string program, string reason);
}
