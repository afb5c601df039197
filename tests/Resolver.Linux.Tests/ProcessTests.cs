// SPDX-License-Identifier: Apache-2.0

using System.Diagnostics;
using Resolver.Linux.Processes;
using Xunit;

namespace Resolver.Linux.Tests;

public sealed class ProcessTests
{
    [Fact]
    public async Task The_end_of_a_process_is_noticed()
    {
        using Process child = Process.Start(new ProcessStartInfo("sleep", "60"))!;
        using ProcessHandle handle = ProcessHandle.Open(child.Id);
        Assert.False(handle.HasEnded);
        Assert.True(handle.StartTimeTicks > 0);
        Task end = handle.WaitForEndAsync(TestContext.Current.CancellationToken);
        child.Kill();
        await end.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        Assert.True(handle.HasEnded);
    }

    [Fact]
    public async Task A_wait_ends_when_its_caller_gives_up()
    {
        using Process child = Process.Start(new ProcessStartInfo("sleep", "60"))!;
        using ProcessHandle handle = ProcessHandle.Open(child.Id);
        using CancellationTokenSource stop = new();
        Task end = handle.WaitForEndAsync(stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => end);
        child.Kill();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(int.MaxValue)]
    public void A_process_that_is_not_there_is_refused(int pid)
    {
        KernelException refused = Assert.Throws<KernelException>(() => ProcessHandle.Open(pid));
        Assert.Contains(refused.Errno, new[] { Errno.ESRCH, Errno.EINVAL });
    }
}
