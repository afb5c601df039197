// SPDX-License-Identifier: Apache-2.0

namespace Resolver.Dns.Answering;

/// <summary>What becomes of a message that a responder received.</summary>
public enum AnswerVerdict
{
    /// <summary>The reply is complete: answer, NODATA, NXDOMAIN or an error.</summary>
    Reply,

    /// <summary>Nothing is sent: shorter than a header, or itself a reply (QR=1; answering it would make a loop).</summary>
    Drop,

    /// <summary>No zone of the view knows the name: it is the forwarder's.</summary>
    Forward,
}
