// SPDX-License-Identifier: Apache-2.0

using Xunit;

namespace Resolver.Linux.Tests.Ports;

/// <summary>
/// Tests that run beside no others: a process that another test starts has copies of all descriptors until it becomes its program, and a port is held as long.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ForkFreeCollection
{
    internal const string Name = "fork-free";
}
