// SPDX-License-Identifier: Apache-2.0

namespace Resolver.Linux;

/// <summary>A refusal of the kernel (or of libnftables, which speaks for it).</summary>
public sealed class KernelException : Exception
{
    /// <summary>Creates the exception of a failed operation.</summary>
    /// <param name="operation">What was tried, in the kernel's words: <c>RTM_NEWLINK</c>, <c>setns</c>, <c>nft</c>.</param>
    /// <param name="subject">What it was tried on: a link, an address, a path.</param>
    /// <param name="errno">The kernel's answer.</param>
    /// <param name="extendedAck">The kernel's own sentence (NLMSGERR_ATTR_MSG, or libnftables' error buffer); null when it gave none.</param>
    public KernelException(string operation, string subject, Errno errno, string? extendedAck = null)
        : base(extendedAck is null ? $"{operation} {subject}: {errno}" : $"{operation} {subject}: {errno} ({extendedAck})")
    {
        Operation = operation;
        Subject = subject;
        Errno = errno;
        ExtendedAck = extendedAck;
    }

    /// <summary>What was tried.</summary>
    public string Operation { get; }

    /// <summary>What it was tried on.</summary>
    public string Subject { get; }

    /// <summary>The kernel's answer.</summary>
    public Errno Errno { get; }

    /// <summary>The kernel's own sentence; null when it gave none.</summary>
    public string? ExtendedAck { get; }
}
