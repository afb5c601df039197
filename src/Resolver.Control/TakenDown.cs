// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;

namespace Resolver.Control;

/// <summary>What was taken down.</summary>
/// <param name="Sandboxes">How many sandboxes.</param>
/// <param name="Networks">How many networks, with their registrations.</param>
/// <param name="Settings">Of an uninstallation: a line for each setting of the host that had been changed, with what it is now.</param>
public sealed record TakenDown(int Sandboxes, int Networks, ImmutableArray<string> Settings);
