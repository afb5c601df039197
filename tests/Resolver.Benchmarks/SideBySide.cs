// SPDX-License-Identifier: Apache-2.0

using System.Globalization;

namespace Resolver.Benchmarks;

/// <summary>Measures two ways in turn, some attachments of one and some of the other, because the machine is not the same from minute to minute.</summary>
/// <param name="Ours">Null to measure the other one alone.</param>
/// <param name="Theirs">The peer.</param>
/// <param name="Rounds">How often it is the turn of each.</param>
internal sealed record SideBySide(INetworkAttachments? Ours, INetworkAttachments Theirs, int Rounds)
{
    /// <summary>Attachments before the measured ones: bridges, DNS servers, connections and compiled code are there afterwards.</summary>
    public const int WarmUps = 5;

    public async Task RunAsync(TextWriter output)
    {
        INetworkAttachments[] sides = Ours is null ? [Theirs] : [Ours, Theirs];
        Dictionary<INetworkAttachments, List<double[]>> measured = [];
        foreach (INetworkAttachments side in sides)
        {
            double[] warmUp = await MeasureAsync(side, WarmUps);
            measured[side] = [];
            await output.WriteLineAsync($"{side.Name}: the first took {Text(warmUp[0])} ms, after {WarmUps} it counts");
        }

        for (int round = 0; round < Rounds; round++)
        {
            foreach (INetworkAttachments side in sides)
            {
                // Equal shares; the last round takes what is left.
                int total = side.Count - WarmUps;
                int share = round == Rounds - 1 ? total - total / Rounds * round : total / Rounds;
                measured[side].Add(await MeasureAsync(side, share));
            }
        }

        await output.WriteLineAsync($"\n{"",-18}{"count",6}{"median",10}{"p99",10}{"min",10}{"max",10}   milliseconds");
        foreach (INetworkAttachments side in sides)
        {
            double[] all = [.. measured[side].SelectMany(round => round).Order()];
            await output.WriteLineAsync(
                $"{side.Name,-18}{all.Length,6}{Text(Quantile(all, 0.5)),10}{Text(Quantile(all, 0.99)),10}{Text(all[0]),10}{Text(all[^1]),10}");
        }

        if (Ours is not null)
        {
            IEnumerable<double> ratios = measured[Ours].Zip(measured[Theirs], (ours, theirs) => Median(theirs) / Median(ours));
            await output.WriteLineAsync($"{Theirs.Name}'s median over {Ours.Name}'s, round by round: {string.Join(' ', ratios.Select(Text))}");
        }
    }

    /// <summary>The times of the next attachments, in milliseconds.</summary>
    public static async Task<double[]> MeasureAsync(INetworkAttachments side, int count)
    {
        double[] milliseconds = new double[count];
        for (int i = 0; i < count; i++)
        {
            long start = TimeProvider.System.GetTimestamp();
            await side.AttachNextAsync();
            milliseconds[i] = TimeProvider.System.GetElapsedTime(start).TotalMilliseconds;
        }

        return milliseconds;
    }

    private static double Median(IEnumerable<double> values) => Quantile([.. values.Order()], 0.5);

    /// <summary>The smallest value that at least this share of all values does not exceed.</summary>
    private static double Quantile(double[] ordered, double share) => ordered[(int)Math.Ceiling(share * ordered.Length) - 1];

    private static string Text(double value) => value.ToString("F2", CultureInfo.InvariantCulture);
}
