// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Resolver.Linux;
using Resolver.Networking.Applying;
using Resolver.Networking.Firewall;
using Resolver.Networking.Planning;

namespace Resolver.Networking.Coexistence;

/// <summary>What other programs' rules do to our traffic: passes through DOCKER-USER where it is, and tells what else drops. Thread-safe.</summary>
internal sealed partial class ForeignRules
{
    private readonly HostKernel _host;
    private readonly ILogger _logger;
    private readonly HostSettings _settings;
    private readonly DockerUserChain _dockerUser;
    private readonly LegacyRules _legacy;
    private readonly Lock _lock = new();
    private readonly HashSet<string> _withAccept = [];
    private ImmutableArray<string> _warnings = [];
    private ImmutableArray<string> _legacyWarnings = [];

    internal ForeignRules(HostKernel host, HostSettings settings, ILogger logger)
    {
        _host = host;
        _logger = logger;
        _settings = settings;
        _dockerUser = new DockerUserChain(host, logger);
        _legacy = new LegacyRules(host, _dockerUser, logger);
    }

    /// <summary>What stood in the way, or open, when it was last looked at: one line each.</summary>
    internal ImmutableArray<string> Warnings
    {
        get
        {
            lock (_lock)
            {
                return [.. _warnings, .. _legacyWarnings];
            }
        }
    }

    /// <summary>True if Docker has made its chain.</summary>
    internal bool HasDocker
    {
        get
        {
            lock (_lock)
            {
                return DockerUser.Programs.Any(program => HasChain(program.Family)) || _legacy.HasDocker;
            }
        }
    }

    /// <summary>Puts our rules into DOCKER-USER where that chain is and they are not, unless told not to; then looks for what drops all the same.</summary>
    /// <param name="mayAccept">False to leave DOCKER-USER alone.</param>
    internal void Look(bool mayAccept)
    {
        lock (_lock)
        {
            try
            {
                ImmutableArray<string> warnings = LookAtShown(mayAccept);
                Tell(warnings.Except(_warnings));
                _warnings = warnings;
            }
            catch (KernelException e)
            {
                LogNotLooked(e); // What others do is no reason for us to fail.
            }

            LookAtLegacy(mayAccept);
        }
    }

    /// <summary>The same for rules whose changes nobody announces. Two reads where there are none.</summary>
    /// <param name="mayAccept">False to leave DOCKER-USER alone.</param>
    internal void LookAtLegacy(bool mayAccept)
    {
        lock (_lock)
        {
            ImmutableArray<string> warnings = _legacy.Look(mayAccept, IsOpenedByUs);
            Tell(warnings.Except(_legacyWarnings));
            _legacyWarnings = warnings;
        }
    }

    /// <summary>Takes our rules out of DOCKER-USER again.</summary>
    internal void Withdraw()
    {
        lock (_lock)
        {
            try
            {
                foreach ((string program, string _) in DockerUser.Programs.Where(program => HasChain(program.Family)))
                {
                    _dockerUser.Withdraw(program);
                }
            }
            catch (KernelException e)
            {
                LogNotLooked(e);
            }

            _legacy.Withdraw();
        }
    }

    private ImmutableArray<string> LookAtShown(bool mayAccept)
    {
        _withAccept.Clear();
        foreach ((string program, string family) in DockerUser.Programs)
        {
            if (mayAccept && HasChain(family) && _dockerUser.TryAccept(program, IsOpenedByUs(family)))
            {
                _withAccept.Add(family);
            }
        }

        return FindWarnings();
    }

    private ImmutableArray<string> FindWarnings()
    {
        ImmutableArray<string>.Builder warnings = ImmutableArray.CreateBuilder<string>();
        foreach ((string table, string chain, bool hasDropPolicy) in ForwardChains.In(_host.TryList("list chains") ?? ""))
        {
            (string program, string family) = DockerUser.Programs.FirstOrDefault(program => chain == "FORWARD" && table == $"{program.Family} filter");
            string listed = _host.TryList($"list chain {table} {chain}") ?? "";
            string? how = hasDropPolicy ? "policy drop" : ForwardChains.FinalDrop(listed);
            if (how is null && family is not null && HasChain(family) && IsOpenedByUs(family))
            {
                warnings.Add(OpenForward.Warning(program));
            }

            // What DOCKER-USER accepts never comes to the end of the chain that jumps there.
            if (how is not null && (family is null || !_withAccept.Contains(family)) && !ForwardChains.LetsOursPass(_host.TryList($"list table {table}") ?? ""))
            {
                warnings.Add(ForeignDrop.Of(table, chain, how, listed).ToString());
            }
        }

        return warnings.ToImmutable();
    }

    private bool HasChain(string family) => _host.TryList($"list chain {family} filter {DockerUser.Chain}") is not null;

    private bool IsOpenedByUs(string family) => _settings.HasChanged(family == "ip" ? NetworkPlanner.IPv4Forwarding : NetworkPlanner.IPv6Forwarding);

    private void Tell(IEnumerable<string> warnings)
    {
        foreach (string warning in warnings)
        {
            LogWarning(warning);
        }
    }

    [LoggerMessage(EventId = 3, Level = LogLevel.Warning, Message = "{Warning}")]
    private partial void LogWarning(string warning);

    [LoggerMessage(EventId = 7, Level = LogLevel.Warning, Message = "Other programs' rules can't be looked at, so nobody says whether they drop our traffic")]
    private partial void LogNotLooked(Exception exception);
}
