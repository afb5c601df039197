// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Resolver.Linux;
using Resolver.Linux.Processes;
using Resolver.Networking.Applying;
using Resolver.Networking.Firewall;

namespace Resolver.Networking.Coexistence;

/// <summary>What other programs' rules do to our traffic: passes through DOCKER-USER where it is, and tells what else drops. Thread-safe.</summary>
internal sealed partial class ForeignRules
{
    private const int MostCopies = 16;

    private readonly HostKernel _host;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private readonly HashSet<string> _withAccept = [];
    private ImmutableArray<ForeignDrop> _drops = [];

    internal ForeignRules(HostKernel host, ILogger logger)
    {
        _host = host;
        _logger = logger;
    }

    /// <summary>What dropped when it was last looked at.</summary>
    internal ImmutableArray<ForeignDrop> Drops
    {
        get
        {
            lock (_lock)
            {
                return _drops;
            }
        }
    }

    /// <summary>True if Docker has made its chain.</summary>
    internal bool HasDocker => DockerUser.Programs.Any(program => _host.TryList($"list chain {program.Family} filter {DockerUser.Chain}") is not null);

    /// <summary>Puts our rules into DOCKER-USER where that chain is and they are not, unless told not to; then looks for what drops all the same.</summary>
    /// <param name="mayAccept">False to leave DOCKER-USER alone.</param>
    internal void Look(bool mayAccept)
    {
        try
        {
            LookAtAll(mayAccept);
        }
        catch (KernelException e)
        {
            LogNotLooked(e); // What others do is no reason for us to fail.
        }
    }

    private void LookAtAll(bool mayAccept)
    {
        lock (_lock)
        {
            _withAccept.Clear();
            foreach ((string program, string family) in mayAccept ? DockerUser.Programs : [])
            {
                if (_host.TryList($"list chain {family} filter {DockerUser.Chain}") is not null && TryAccept(program))
                {
                    _withAccept.Add(family);
                }
            }

            ImmutableArray<ForeignDrop> drops = FindDrops();
            foreach (ForeignDrop drop in drops.Except(_drops))
            {
                LogDrops(drop);
            }

            _drops = drops;
        }
    }

    /// <summary>Takes our rules out of DOCKER-USER again.</summary>
    internal void Withdraw()
    {
        lock (_lock)
        {
            foreach ((string program, string family) in DockerUser.Programs)
            {
                try
                {
                    if (_host.TryList($"list chain {family} filter {DockerUser.Chain}") is not null)
                    {
                        Remove(program);
                    }
                }
                catch (KernelException e)
                {
                    LogNotWithdrawn(program, e.Message);
                }
            }
        }
    }

    private bool TryAccept(string program)
    {
        try
        {
            if (DockerUser.Rules.All(rule => Run(program, DockerUser.Command("-C", rule)).Status == 0))
            {
                return true;
            }

            Remove(program); // Some may be there, in an order that means something else.
            foreach (string[] rule in DockerUser.Rules.Reverse())
            {
                (int status, _, string error) = Run(program, DockerUser.Command("-I", rule));
                if (status != 0)
                {
                    Remove(program);
                    LogNotAccepted(program, error);
                    return false;
                }
            }

            LogAccepted(program);
            return true;
        }
        catch (KernelException e)
        {
            LogNotAccepted(program, e.Message);
            return false;
        }
    }

    private void Remove(string program)
    {
        foreach (string[] rule in DockerUser.Rules)
        {
            for (int i = 0; i < MostCopies && Run(program, DockerUser.Command("-D", rule)).Status == 0; i++)
            {
                // As often as it is there: a chain that was restored from a file may have it twice.
            }
        }
    }

    private (int Status, string Output, string Error) Run(string program, string[] arguments) => _host.In(() => HostProgram.Run(program, arguments));

    private ImmutableArray<ForeignDrop> FindDrops()
    {
        ImmutableArray<ForeignDrop>.Builder drops = ImmutableArray.CreateBuilder<ForeignDrop>();
        foreach ((string table, string chain, bool hasDropPolicy) in ForwardChains.In(_host.TryList("list chains") ?? ""))
        {
            // What DOCKER-USER accepts never comes to the policy of the chain that jumps there.
            if (chain == "FORWARD" && _withAccept.Any(family => table == $"{family} filter"))
            {
                continue;
            }

            string? how = hasDropPolicy ? "policy drop" : ForwardChains.FinalDrop(_host.TryList($"list chain {table} {chain}") ?? "");
            if (how is not null)
            {
                drops.Add(new ForeignDrop(table, chain, how));
            }
        }

        return drops.ToImmutable();
    }

    [LoggerMessage(EventId = 3, Level = LogLevel.Warning, Message = "{Drop}")]
    private partial void LogDrops(ForeignDrop drop);

    [LoggerMessage(EventId = 4, Level = LogLevel.Warning, Message = "No accept for our networks in DOCKER-USER, so Docker's FORWARD policy may drop their traffic: {Program}: {Reason}")]
    private partial void LogNotAccepted(string program, string reason);

    [LoggerMessage(EventId = 7, Level = LogLevel.Warning, Message = "Other programs' rules can't be looked at, so nobody says whether they drop our traffic")]
    private partial void LogNotLooked(Exception exception);

    [LoggerMessage(EventId = 6, Level = LogLevel.Warning, Message = "The accept for our networks stays in DOCKER-USER: {Program}: {Reason}")]
    private partial void LogNotWithdrawn(string program, string reason);

    [LoggerMessage(EventId = 5, Level = LogLevel.Information, Message = "Accept for our networks put into Docker's chain DOCKER-USER ({Program})")]
    private partial void LogAccepted(string program);
}
