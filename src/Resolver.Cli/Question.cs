// SPDX-License-Identifier: Apache-2.0

namespace Resolver.Cli;

/// <summary>Asks the person before something that can't be taken back.</summary>
internal static class Question
{
    /// <summary>Asks, and says whether the answer is yes.</summary>
    /// <exception cref="UsageException">Standard input is no terminal.</exception>
    public static async Task<bool> AgreesAsync(TextWriter output, string warning)
    {
        if (Console.IsInputRedirected)
        {
            throw new UsageException("there is nobody to ask: say --force");
        }

        await output.WriteAsync($"{warning} Go on? [y/N] ");
        return await Console.In.ReadLineAsync() is "y" or "Y" or "yes";
    }
}
