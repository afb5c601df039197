// SPDX-License-Identifier: Apache-2.0

using Resolver.Fuzzing.Targets;
using Xunit;

namespace Resolver.Dns.Tests.Wire;

/// <summary>The fuzzer's seeds and all that it ever found, run without it.</summary>
public sealed class FuzzCorpusTests
{
    private static readonly string Corpus = Path.Combine(AppContext.BaseDirectory, "Corpus");

    public static TheoryData<string> Targets => [.. FuzzTarget.All.Select(target => target.Name)];

    [Theory]
    [MemberData(nameof(Targets))]
    public void Nothing_in_the_corpus_breaks_an_invariant(string name)
    {
        FuzzTarget target = FuzzTarget.All.Single(target => target.Name == name);
        string[] files = Directory.GetFiles(Path.Combine(Corpus, name));
        Assert.True(files.Length >= 5, $"only {files.Length} seeds");
        Assert.All(files, file => target.Run(File.ReadAllBytes(file)));
    }

    [Fact]
    public void Every_seed_is_for_a_target() =>
        Assert.Equal(FuzzTarget.All.Select(target => target.Name).Order(), Directory.GetDirectories(Corpus).Select(Path.GetFileName).Order());
}
