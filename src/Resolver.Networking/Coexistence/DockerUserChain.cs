// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Resolver.Linux;
using Resolver.Linux.Processes;
using Resolver.Networking.Applying;
using Resolver.Networking.Firewall;

namespace Resolver.Networking.Coexistence;

/// <summary>Puts our rules into DOCKER-USER and takes them out again, with the program that the chain was made by. One caller at a time.</summary>
internal sealed partial class DockerUserChain(HostKernel host, ILogger logger)
{
    private const int MostCopies = 16;

    private readonly Dictionary<string, string> _failures = [];

    /// <summary>Makes our rules what they should be.</summary>
    /// <returns>False if that failed; it is logged, once for the same reason.</returns>
    internal bool TryAccept(string program, bool isStrict)
    {
        string? failure = Accept(program, isStrict ? DockerUser.StrictRules : DockerUser.Rules);
        if (failure is null)
        {
            _failures.Remove(program);
        }
        else if (!_failures.TryGetValue(program, out string? before) || before != failure)
        {
            _failures[program] = failure;
            LogNotAccepted(program, failure);
        }

        return failure is null;
    }

    /// <summary>Takes them out, as often as they are there.</summary>
    internal void Withdraw(string program)
    {
        try
        {
            Remove(program);
        }
        catch (KernelException e)
        {
            LogNotWithdrawn(program, e.Message);
        }
    }

    private string? Accept(string program, ImmutableArray<string[]> rules)
    {
        try
        {
            // Those of the other kind mean something else, and so may ours in another order.
            bool areOthersThere = DockerUser.AllRules.Except(rules, RuleComparer).Any(rule => IsThere(program, rule));
            if (!areOthersThere && rules.All(rule => IsThere(program, rule)))
            {
                return null;
            }

            Remove(program);
            foreach (string[] rule in rules.Reverse())
            {
                (int status, _, string error) = Run(program, DockerUser.Command("-I", rule));
                if (status != 0)
                {
                    Remove(program);
                    return error;
                }
            }

            LogAccepted(program);
            return null;
        }
        catch (KernelException e)
        {
            return e.Message;
        }
    }

    private void Remove(string program)
    {
        foreach (string[] rule in DockerUser.AllRules)
        {
            for (int i = 0; i < MostCopies && Run(program, DockerUser.Command("-D", rule)).Status == 0; i++)
            {
                // As often as it is there: a chain that was restored from a file may have it twice.
            }
        }
    }

    private static readonly EqualityComparer<string[]> RuleComparer =
        EqualityComparer<string[]>.Create((one, other) => one.AsSpan().SequenceEqual(other), rule => rule.Length);

    private bool IsThere(string program, string[] rule) => Run(program, DockerUser.Command("-C", rule)).Status == 0;

    private (int Status, string Output, string Error) Run(string program, string[] arguments) => host.In(() => HostProgram.Run(program, arguments));

    [LoggerMessage(EventId = 4, Level = LogLevel.Warning, Message = "No accept for our networks in DOCKER-USER, so Docker's FORWARD policy may drop their traffic: {Program}: {Reason}")]
    private partial void LogNotAccepted(string program, string reason);

    [LoggerMessage(EventId = 6, Level = LogLevel.Warning, Message = "The accept for our networks stays in DOCKER-USER: {Program}: {Reason}")]
    private partial void LogNotWithdrawn(string program, string reason);

    [LoggerMessage(EventId = 5, Level = LogLevel.Information, Message = "Accept for our networks put into Docker's chain DOCKER-USER ({Program})")]
    private partial void LogAccepted(string program);
}
