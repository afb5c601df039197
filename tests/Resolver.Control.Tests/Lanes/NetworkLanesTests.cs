// SPDX-License-Identifier: Apache-2.0

using Resolver.Control.Lanes;
using Resolver.Core.Names;
using Xunit;

namespace Resolver.Control.Tests.Lanes;

public sealed class NetworkLanesTests
{
    private static readonly ObjectId One = ObjectId.FromBytes(new byte[ObjectId.LengthBytes]);
    private static readonly ObjectId Other = ObjectId.FromBytes(Enumerable.Repeat((byte)1, ObjectId.LengthBytes).ToArray());

    [Fact]
    public async Task Steps_of_one_network_run_in_order_even_after_a_failure_and_other_networks_do_not_wait()
    {
        NetworkLanes lanes = new();
        TaskCompletionSource gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
        List<int> order = [];
        Task first = lanes.RunAsync(One, async () =>
        {
            await gate.Task;
            order.Add(1);
            throw new InvalidOperationException("first");
        });
        Task second = lanes.RunAsync(One, () => Add(2));
        Task third = lanes.RunAsync(One, () => Add(3));
        await lanes.RunAsync(Other, () => Add(0));
        Assert.Equal([0], order);
        gate.SetResult();
        await Assert.ThrowsAsync<InvalidOperationException>(() => first);
        await Task.WhenAll(second, third);
        Assert.Equal([0, 1, 2, 3], order);

        ValueTask Add(int number)
        {
            order.Add(number);
            return ValueTask.CompletedTask;
        }
    }
}
