// SPDX-License-Identifier: Apache-2.0

namespace Resolver.Dns.Serving;

/// <summary>An answer and where it came from.</summary>
/// <param name="Message">The reply in wire form; empty if the message was none to answer.</param>
/// <param name="Source">Who gave it.</param>
/// <param name="Elapsed">The time it took.</param>
public sealed record AskedReply(ReadOnlyMemory<byte> Message, AnswerSource Source, TimeSpan Elapsed);
