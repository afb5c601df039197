// SPDX-License-Identifier: Apache-2.0

using System.Diagnostics.CodeAnalysis;
using Resolver.Core.Failures;

namespace Resolver.Core.Names;

/// <summary>
/// The name of a network or a sandbox, as Docker allows it: a letter or digit, then letters, digits, '_', '.' or '-'.
/// Because it is also a DNS name, its dot-separated parts are 1 to 63 octets and the whole is at most 63.
/// Equality ignores ASCII case, so that no two objects differ only in case (RFC 4343).
/// </summary>
public sealed class ObjectName : IEquatable<ObjectName>
{
    /// <summary>The most characters that a name may have.</summary>
    public const int MaxLength = 63;

    private ObjectName(string value)
    {
        Value = value;
    }

    /// <summary>The name as it was given.</summary>
    public string Value { get; }

    /// <summary>The same name as a DNS name.</summary>
    public DnsName ToDnsName() => DnsName.Parse(Value, "name");

    /// <summary>Reads a name.</summary>
    /// <param name="text">What the caller gave.</param>
    /// <param name="field">The field that the error names.</param>
    /// <exception cref="RefusedException">The text is no name; the message says which character or length is wrong.</exception>
    public static ObjectName Parse(string text, string field)
    {
        return Check(text) is { } problem
            ? throw RefusedException.Invalid(field, $"{field} '{Printable.Quote(text)}': {problem}")
            : new ObjectName(text);
    }

    /// <summary>Reads a name, false if it is none.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out ObjectName? name)
    {
        name = text is not null && Check(text) is null ? new ObjectName(text) : null;
        return name is not null;
    }

    /// <inheritdoc/>
    public bool Equals(ObjectName? other) => other is not null && string.Equals(Value, other.Value, StringComparison.OrdinalIgnoreCase);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ObjectName);

    /// <inheritdoc/>
    public override int GetHashCode() => StringComparer.OrdinalIgnoreCase.GetHashCode(Value);

    /// <inheritdoc/>
    public override string ToString() => Value;

    private static string? Check(string text)
    {
        if (text.Length is 0 or > MaxLength)
        {
            return $"a name has 1 to {MaxLength} characters, this one has {text.Length}";
        }

        if (!char.IsAsciiLetterOrDigit(text[0]))
        {
            return "a name starts with a letter or a digit";
        }

        foreach (char c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('_' or '.' or '-'))
            {
                return $"'{Printable.Quote(c.ToString())}' can't be in a name; use letters, digits, '_', '.' and '-'";
            }
        }

        return text.Contains("..", StringComparison.Ordinal) || text.EndsWith('.') ? "a name has no empty part between dots" : null;
    }
}
