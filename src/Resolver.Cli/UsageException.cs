// SPDX-License-Identifier: Apache-2.0

namespace Resolver.Cli;

/// <summary>The command line makes no sense; found after parsing.</summary>
internal sealed class UsageException(string message) : Exception(message);
