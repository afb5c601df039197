// SPDX-License-Identifier: Apache-2.0

using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Xunit;

namespace Resolver.Dns.Tests.Allocations;

/// <summary>BenchmarkDotNet counts what the whole process allocates: nothing else runs meanwhile.</summary>
[CollectionDefinition(nameof(AllocationTests), DisableParallelization = true)]
[Collection(nameof(AllocationTests))]
public sealed class AllocationTests
{
    private const int QuestionsPerIteration = 1 << 16;

    [Fact]
    public void What_is_known_here_is_answered_without_allocating()
    {
        string artifacts = Directory.CreateTempSubdirectory("allocations-").FullName;
        try
        {
            AccumulationLogger log = new();
            Summary summary = BenchmarkRunner.Run<AnswerBenchmarks>(Configuration(artifacts).AddLogger(log));

            Assert.True(summary.Reports.Length == Enum.GetValues<AnswerKind>().Length && summary.Reports.All(report => report.Success), log.GetLog());
            Assert.All(summary.Reports, report => Assert.Equal(0, report.GcStats.GetBytesAllocatedPerOperation(report.BenchmarkCase)));
        }
        finally
        {
            Directory.Delete(artifacts, recursive: true);
        }
    }

    /// <summary>In this process, and short: what is wanted is bytes, which do not vary, and not time. Debug builds do not allocate more.</summary>
    private static ManualConfig Configuration(string artifacts) =>
        ManualConfig.CreateEmpty()
            .AddJob(Job.Dry.WithToolchain(InProcessEmitToolchain.Instance)
                .WithInvocationCount(QuestionsPerIteration).WithUnrollFactor(1).WithWarmupCount(2).WithIterationCount(2))
            .AddDiagnoser(MemoryDiagnoser.Default)
            .WithArtifactsPath(artifacts)
            .WithOptions(ConfigOptions.DisableOptimizationsValidator | ConfigOptions.DisableLogFile);
}
