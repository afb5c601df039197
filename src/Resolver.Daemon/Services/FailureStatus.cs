// SPDX-License-Identifier: Apache-2.0

using System.Collections.Frozen;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using Resolver.Core.Failures;
using Resolver.Linux;
using Status = Google.Rpc.Status;

namespace Resolver.Daemon.Services;

/// <summary>The one table of failures: what a caller gets for each reason, and for each answer of the kernel.</summary>
internal static class FailureStatus
{
    /// <summary>The domain of every ErrorInfo.</summary>
    public const string Domain = "resolver";

    private static readonly FrozenDictionary<FailureReason, (StatusCode Code, string Reason)> Reasons =
        new Dictionary<FailureReason, (StatusCode, string)>
        {
            [FailureReason.InvalidArgument] = (StatusCode.InvalidArgument, "INVALID_ARGUMENT"),
            [FailureReason.NotFound] = (StatusCode.NotFound, "NOT_FOUND"),
            [FailureReason.AlreadyExists] = (StatusCode.AlreadyExists, "ALREADY_EXISTS"),
            [FailureReason.FailedPrecondition] = (StatusCode.FailedPrecondition, "FAILED_PRECONDITION"),
            [FailureReason.Exhausted] = (StatusCode.ResourceExhausted, "EXHAUSTED"),
            [FailureReason.PermissionDenied] = (StatusCode.PermissionDenied, "PERMISSION_DENIED"),
            [FailureReason.Unavailable] = (StatusCode.Unavailable, "UNAVAILABLE"),
        }.ToFrozenDictionary();

    /// <summary>The status of a refusal.</summary>
    public static Status Of(RefusedException refusal)
    {
        (StatusCode code, string reason) = Reasons[refusal.Reason];
        Status status = Create(code, refusal.Message, new ErrorInfo { Domain = Domain, Reason = reason, Metadata = { ["subject"] = refusal.Subject } });
        if (refusal.Reason == FailureReason.InvalidArgument)
        {
            BadRequest.Types.FieldViolation violation = new() { Field = refusal.Subject, Description = refusal.Message };
            status.Details.Add(Any.Pack(new BadRequest { FieldViolations = { violation } }));
        }

        return status;
    }

    /// <summary>The status of the kernel's refusal. Its errno is the caller's business: never INTERNAL.</summary>
    public static Status Of(KernelException failure) => Create(
        CodeOf(failure.Errno),
        $"the kernel refused: {failure.Message}",
        new ErrorInfo
        {
            Domain = Domain,
            Reason = "KERNEL_REFUSED",
            Metadata = { ["subject"] = failure.Subject, ["operation"] = failure.Operation, ["errno"] = failure.Errno.ToString() },
        });

    /// <summary>The status of a bug. What it was stays in the log, under the id.</summary>
    public static Status Unexpected(string id) => Create(
        StatusCode.Internal, $"internal error {id}: the daemon's log says more", new ErrorInfo { Domain = Domain, Reason = "INTERNAL", Metadata = { ["id"] = id } });

    private static StatusCode CodeOf(Errno errno) => errno switch
    {
        Errno.EPERM or Errno.EACCES => StatusCode.PermissionDenied,
        Errno.ENOENT or Errno.ESRCH or Errno.ENODEV or Errno.ENXIO => StatusCode.NotFound,
        Errno.EEXIST or Errno.EADDRINUSE => StatusCode.AlreadyExists,
        Errno.ENOSPC or Errno.ENOMEM or Errno.ENOBUFS or Errno.EMFILE or Errno.EXFULL => StatusCode.ResourceExhausted,
        _ => StatusCode.FailedPrecondition,
    };

    private static Status Create(StatusCode code, string message, ErrorInfo info) =>
        new() { Code = (int)code, Message = message, Details = { Any.Pack(info) } };
}
