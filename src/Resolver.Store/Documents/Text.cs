// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using System.Net;
using Resolver.Core.Names;
using Resolver.Core.Networks;

namespace Resolver.Store.Documents;

/// <summary>Values that several documents hold, to text and back.</summary>
internal static class Text
{
    internal static ImmutableArray<string> Of<T>(ImmutableArray<T> values)
        where T : notnull => [.. values.Select(value => value.ToString()!)];

    internal static ImmutableArray<Upstream> ToUpstreams(ImmutableArray<string> texts) =>
        [.. texts.Select(text => Upstream.Parse(text, "upstream"))];

    internal static ImmutableArray<IPAddress> ToAddresses(ImmutableArray<string> texts) => [.. texts.Select(ToAddress)];

    internal static ImmutableArray<DnsName> ToNames(ImmutableArray<string> texts) => [.. texts.Select(text => DnsName.Parse(text, "name"))];

    // IPAddress.Parse also reads "1.2.3", which we never wrote.
    internal static IPAddress ToAddress(string text) => IPAddress.Parse(text) is { } address && address.ToString() == text
        ? address
        : throw new FormatException($"'{Printable.Quote(text)}' is no address");

    internal static ObjectId ToId(string text) =>
        ObjectId.TryParse(text, out ObjectId id) ? id : throw new FormatException($"'{Printable.Quote(text)}' is no id");
}
