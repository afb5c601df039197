// SPDX-License-Identifier: Apache-2.0

using System.Diagnostics.CodeAnalysis;
using Resolver.Core.Failures;

namespace Resolver.Core.Names;

/// <summary>
/// A name that a zone may hold or a search list may name: labels of letters, digits, '-' and '_', 1 to 63 octets each, at most 253 characters
/// in all, without the trailing dot (RFC 1035 §2.3.4, RFC 2181 §11). Equality ignores ASCII case (RFC 4343).
/// </summary>
public sealed class DnsName : IEquatable<DnsName>
{
    /// <summary>The most characters of a name in text, without the trailing dot.</summary>
    public const int MaxLength = 253;

    /// <summary>The most octets of a label.</summary>
    public const int MaxLabelLength = 63;

    private DnsName(string value)
    {
        Value = value;
    }

    /// <summary>The name as it was given, without a trailing dot.</summary>
    public string Value { get; }

    /// <summary>Reads a name; a trailing dot is dropped.</summary>
    /// <param name="text">What the caller gave.</param>
    /// <param name="field">The field that the error names.</param>
    /// <exception cref="RefusedException">The text is no DNS name.</exception>
    public static DnsName Parse(string text, string field)
    {
        string trimmed = Trim(text);
        return Check(trimmed) is { } problem
            ? throw RefusedException.Invalid(field, $"{field} '{Printable.Quote(text)}' is no DNS name: {problem}")
            : new DnsName(trimmed);
    }

    /// <summary>Reads a name, false if it is none.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out DnsName? name)
    {
        name = text is not null && Check(Trim(text)) is null ? new DnsName(Trim(text)) : null;
        return name is not null;
    }

    /// <summary>This name with another behind it: <c>db</c> and <c>app</c> make <c>db.app</c>.</summary>
    /// <returns>Null when the result would be longer than a name may be.</returns>
    public DnsName? Append(DnsName suffix)
    {
        string joined = $"{Value}.{suffix.Value}";
        return joined.Length <= MaxLength ? new DnsName(joined) : null;
    }

    /// <inheritdoc/>
    public bool Equals(DnsName? other) => other is not null && string.Equals(Value, other.Value, StringComparison.OrdinalIgnoreCase);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as DnsName);

    /// <inheritdoc/>
    public override int GetHashCode() => StringComparer.OrdinalIgnoreCase.GetHashCode(Value);

    /// <inheritdoc/>
    public override string ToString() => Value;

    private static string Trim(string text) => text.EndsWith('.') ? text[..^1] : text;

    private static string? Check(string text)
    {
        if (text.Length is 0 or > MaxLength)
        {
            return $"it has 1 to {MaxLength} characters, this one has {text.Length}";
        }

        foreach (string label in text.Split('.'))
        {
            if (label.Length is 0 or > MaxLabelLength)
            {
                return $"a label has 1 to {MaxLabelLength} characters, '{Printable.Quote(label)}' has {label.Length}";
            }

            foreach (char c in label)
            {
                if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_'))
                {
                    return $"'{Printable.Quote(c.ToString())}' can't be in a label; use letters, digits, '-' and '_'";
                }
            }
        }

        return null;
    }
}
