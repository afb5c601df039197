// SPDX-License-Identifier: Apache-2.0

using Google.Rpc;
using Grpc.Core;
using Resolver.Core.Failures;
using Resolver.Daemon.Services;
using Resolver.Linux;
using Xunit;
using Status = Google.Rpc.Status;

namespace Resolver.Daemon.Tests.Services;

public sealed class FailureStatusTests
{
    [Fact]
    public void Every_reason_has_a_status_of_its_own_that_is_not_internal()
    {
        FailureReason[] reasons = Enum.GetValues<FailureReason>();
        int[] codes = [.. reasons.Select(reason => FailureStatus.Of(new RefusedException(reason, "web", "no")).Code)];

        Assert.Equal(reasons.Length, codes.Distinct().Count());
        Assert.DoesNotContain((int)StatusCode.Internal, codes);
        Assert.DoesNotContain((int)StatusCode.OK, codes);
    }

    [Fact]
    public void A_bad_field_travels_as_a_violation()
    {
        Status status = FailureStatus.Of(RefusedException.Invalid("subnet", "subnet 'x' is no subnet"));

        BadRequest.Types.FieldViolation violation = Assert.Single(status.GetDetail<BadRequest>().FieldViolations);
        Assert.Equal("subnet", violation.Field);
        Assert.Equal("subnet 'x' is no subnet", violation.Description);
    }

    [Fact]
    public void What_a_refusal_is_about_travels_in_the_metadata()
    {
        ErrorInfo info = FailureStatus.Of(RefusedException.Taken("web", "web is taken")).GetDetail<ErrorInfo>();

        Assert.Equal("resolver", info.Domain);
        Assert.Equal("ALREADY_EXISTS", info.Reason);
        Assert.Equal("web", info.Metadata["subject"]);
    }

    [Theory]
    [InlineData(Errno.EPERM, StatusCode.PermissionDenied)]
    [InlineData(Errno.ENOENT, StatusCode.NotFound)]
    [InlineData(Errno.ESRCH, StatusCode.NotFound)]
    [InlineData(Errno.EEXIST, StatusCode.AlreadyExists)]
    [InlineData(Errno.EADDRINUSE, StatusCode.AlreadyExists)]
    [InlineData(Errno.ENOSPC, StatusCode.ResourceExhausted)]
    [InlineData(Errno.EXFULL, StatusCode.ResourceExhausted)]
    [InlineData(Errno.EINVAL, StatusCode.FailedPrecondition)]
    public void The_kernels_refusal_gets_a_fitting_status(Errno errno, StatusCode code)
    {
        Status status = FailureStatus.Of(new KernelException("setns", "/run/netns/web", errno));

        Assert.Equal((int)code, status.Code);
        Assert.Equal(errno.ToString(), status.GetDetail<ErrorInfo>().Metadata["errno"]);
        Assert.Contains("/run/netns/web", status.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void No_errno_is_an_internal_error() =>
        Assert.All(Enum.GetValues<Errno>(), errno => Assert.NotEqual((int)StatusCode.Internal, FailureStatus.Of(new KernelException("x", "y", errno)).Code));
}
