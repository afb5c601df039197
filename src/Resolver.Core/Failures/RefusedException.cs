// SPDX-License-Identifier: Apache-2.0

namespace Resolver.Core.Failures;

/// <summary>A request that is refused for a reason its caller can understand and act on. Never a bug.</summary>
public sealed class RefusedException : Exception
{
    /// <summary>Creates a refusal.</summary>
    /// <param name="reason">The class of the refusal.</param>
    /// <param name="subject">The field (for <see cref="FailureReason.InvalidArgument"/>) or the object that it is about.</param>
    /// <param name="message">One line: what failed, on what, why, and what to do.</param>
    /// <param name="innerException">The cause from the layer below; null when the refusal was decided here.</param>
    public RefusedException(FailureReason reason, string subject, string message, Exception? innerException = null)
        : base(message, innerException)
    {
        Reason = reason;
        Subject = subject;
    }

    /// <summary>The class of the refusal.</summary>
    public FailureReason Reason { get; }

    /// <summary>The field or the object that the refusal is about.</summary>
    public string Subject { get; }

    /// <summary>A refusal of a field's value.</summary>
    public static RefusedException Invalid(string field, string message) => new(FailureReason.InvalidArgument, field, message);

    /// <summary>A refusal because <paramref name="subject"/> does not exist.</summary>
    public static RefusedException NotFound(string subject, string message) => new(FailureReason.NotFound, subject, message);

    /// <summary>A refusal because <paramref name="subject"/> is taken.</summary>
    public static RefusedException Taken(string subject, string message) => new(FailureReason.AlreadyExists, subject, message);

    /// <summary>A refusal because of the state that <paramref name="subject"/> is in.</summary>
    public static RefusedException WrongState(string subject, string message) => new(FailureReason.FailedPrecondition, subject, message);

    /// <summary>A refusal because the pool <paramref name="subject"/> has nothing left.</summary>
    public static RefusedException Exhausted(string subject, string message) => new(FailureReason.Exhausted, subject, message);
}
