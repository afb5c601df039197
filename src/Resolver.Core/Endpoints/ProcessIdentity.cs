// SPDX-License-Identifier: Apache-2.0

namespace Resolver.Core.Endpoints;

/// <summary>A process that can't be mistaken for a later one with the same number.</summary>
/// <param name="Pid">The process id in the daemon's pid namespace.</param>
/// <param name="StartTimeTicks">Field 22 of /proc/PID/stat, in clock ticks since boot (proc(5)).</param>
public readonly record struct ProcessIdentity(int Pid, ulong StartTimeTicks);
