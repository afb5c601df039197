// SPDX-License-Identifier: Apache-2.0

namespace Resolver.Daemon.Options;

/// <summary>The command line, the environment or the configuration file says something that the daemon does not understand.</summary>
internal sealed class OptionsException(string message, Exception? innerException = null) : Exception(message, innerException);
