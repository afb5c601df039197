// SPDX-License-Identifier: Apache-2.0

using System.Globalization;
using System.Text;
using Resolver.Fuzzing.Targets;

namespace Resolver.Fuzzing;

/// <summary>
/// The seeds that fuzzing starts from, small and each with a reason in its name. Corpus/ holds them as files, and beside them whatever once broke
/// something; <c>write-corpus</c> writes these again.
/// </summary>
internal static class Corpus
{
    internal static int Write(string directory)
    {
        foreach ((string target, string name, byte[] octets) in Seeds())
        {
            string folder = Path.Combine(directory, target);
            Directory.CreateDirectory(folder);
            File.WriteAllBytes(Path.Combine(folder, name), octets);
        }

        return 0;
    }

    internal static IEnumerable<(string Target, string Name, byte[] Octets)> Seeds() =>
        QuestionSeeds.All().Select(seed => ("question", seed.Name, seed.Octets))
            .Concat(ReplySeeds.All().Select(seed => ("reply", seed.Name, seed.Octets)))
            .Concat(Frames().Select(seed => ("frames", seed.Name, seed.Octets)))
            .Concat(Texts(ResolvConfs, "resolvconf")).Concat(Texts(Names, "text"));

    private static readonly string[] ResolvConfs =
    [
        "nameserver 192.0.2.53\nnameserver 2001:db8::53\n",
        "# comment\n; other\nsearch a.example b.example\noptions ndots:5 edns0\nnameserver\t 192.0.2.1 # here\n",
        "nameserver fe80::1%lo\nnameserver fe80::1%nobody\nnameserver ::ffff:192.0.2.1\n",
        "nameserver 127.0.0.11\r\nnameserver 1\r\nnameserver [::1]:53\r\nnameserver 0x7f.1.1.1\n",
        "nameserver\nnameserver 192.0.2.1;x\nnameserver 192.0.2.1\nNAMESERVER 192.0.2.2",
    ];

    private static readonly string[] Names =
    [
        "9.9.9.9", "[2001:db8::1]:5353", "2001:db8::1", "corp.example=10.0.0.53", "tls://9.9.9.9#dns.quad9.net@host", "https://[2001:db8::1]:443#a.b",
        "127.0.0.11", "a=tls://1.1.1.1:0", "[::1", "1.1.1.1:99999", "10.1", "fe80::1%eth0", "::ffff:1.2.3.4",
        "db", "db.app.", "_sip._tcp.example", "-a-", "a..b", ".", "", "\u0001a", new string('a', 64), string.Join('.', Enumerable.Repeat("a", 127)),
        "\u00012\u00010\u000230\u0003172\u0007in-addr\u0004arpa\0", "\u0003256\u00010\u000230\u0003172\u0007in-addr\u0004arpa\0",
        string.Concat(Enumerable.Repeat("\u0001F", 32)) + "\u0003ip6\u0004ARPA\0", string.Concat(Enumerable.Repeat("\u0001g", 32)) + "\u0003ip6\u0004arpa\0",
    ];

    private static IEnumerable<(string Target, string Name, byte[] Octets)> Texts(string[] texts, string target) =>
        texts.Select((text, index) => (target, index.ToString("00", CultureInfo.InvariantCulture), Encoding.UTF8.GetBytes(text)));

    private static IEnumerable<(string Name, byte[] Octets)> Frames()
    {
        byte[] message = FuzzedQuestions.Outside[0];
        byte[] framed = [0, (byte)message.Length, .. message];
        yield return ("one", [255, .. framed]);
        yield return ("two-dripping", [0, .. framed, .. framed]);
        yield return ("length-zero", [7, 0, 0, .. framed]);
        yield return ("shorter-than-a-header", [7, 0, 11, .. message[..11]]);
        yield return ("promises-more", [7, 0xFF, 0xFF, .. message]);
        yield return ("half-a-length", [7, 0]);
        yield return ("http", [7, .. "HTTP/1.1 400 Bad Request\r\n\r\n"u8]);
        yield return ("tls-alert", [7, 0x15, 3, 1, 0, 2, 2, 70]);
    }
}
