// SPDX-License-Identifier: Apache-2.0

using Resolver.Cli;

return await CommandLine.RunAsync(args, Console.Out, Console.Error);
