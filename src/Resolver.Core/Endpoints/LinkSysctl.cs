// SPDX-License-Identifier: Apache-2.0

using System.Globalization;
using Resolver.Core.Failures;
using Resolver.Core.Names;

namespace Resolver.Core.Endpoints;

/// <summary>A kernel parameter of an endpoint's link inside the sandbox, such as <c>net.ipv4.conf.IFNAME.log_martians=1</c>. Immutable.</summary>
public sealed record LinkSysctl
{
    /// <summary>What stands for the link's name, which need not be known: Docker's word.</summary>
    public const string Placeholder = "IFNAME";

    private const int MaxLength = 128;
    private const int Parts = 5; // net . ipv4 . conf . IFNAME . log_martians
    private const string Advice = "write net.{ipv4|ipv6|mpls}.{conf|neigh}.IFNAME.PARAMETER=VALUE, with the word IFNAME for the interface";

    private readonly string _family;
    private readonly string _directory;
    private readonly string _parameter;

    private LinkSysctl(string[] parts, string value)
    {
        (_family, _directory, _parameter) = (parts[1], parts[2], parts[4]);
        Value = value;
    }

    /// <summary>What it shall be: a number in its shortest form, or what else the kernel takes there.</summary>
    public string Value { get; }

    /// <summary>The parameter as it is written: <c>net.ipv4.conf.IFNAME.log_martians</c>.</summary>
    public string Key => $"net.{_family}.{_directory}.{Placeholder}.{_parameter}";

    /// <summary>Reads <c>KEY=VALUE</c>.</summary>
    /// <exception cref="RefusedException">Not of that form, or a parameter that is not of one link alone.</exception>
    public static LinkSysctl Parse(string text, string field)
    {
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        string[] parts = equals < 0 ? [] : text[..equals].Split('.');
        bool isAllowed = text.Length <= MaxLength && parts.Length == Parts && parts[0] == "net" && parts[1] is "ipv4" or "ipv6" or "mpls"
            && parts[2] is "conf" or "neigh" && parts[3] == Placeholder && parts[4].Length > 0 && parts[4].All(IsOfName);
        string value = text[(equals + 1)..].Trim();
        return isAllowed && value.Length > 0 && value.All(c => c is > ' ' and <= '~')
            ? new LinkSysctl(parts, Canonical(value))
            : throw RefusedException.Invalid(field, $"{field} '{Printable.Quote(text)}' is no parameter of an endpoint's interface: {Advice}");
    }

    /// <summary>Where it is found below /proc/sys, with '/' between the parts because a link's name may have dots.</summary>
    public string PathOf(InterfaceName link) => $"net/{_family}/{_directory}/{link}/{_parameter}";

    /// <summary>The same parameter with another value.</summary>
    public LinkSysctl With(string value) => new(["net", _family, _directory, Placeholder, _parameter], value);

    /// <inheritdoc/>
    public override string ToString() => $"{Key}={Value}";

    private static bool IsOfName(char c) => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_';

    // As the kernel shows it, so that what was written is recognised.
    private static string Canonical(string value) => long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number)
        ? number.ToString(CultureInfo.InvariantCulture)
        : value;
}
