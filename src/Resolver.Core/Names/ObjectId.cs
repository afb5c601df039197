// SPDX-License-Identifier: Apache-2.0

using System.Diagnostics.CodeAnalysis;

namespace Resolver.Core.Names;

/// <summary>
/// The identity of a network, sandbox or endpoint: 32 random octets as 64 lower-case hexadecimal digits, like Docker's ids.
/// The first 12 digits are the short id, which is also a DNS name of the sandbox.
/// </summary>
public readonly record struct ObjectId
{
    /// <summary>The number of octets behind an id.</summary>
    public const int LengthBytes = 32;

    private readonly string? _value;

    private ObjectId(string value)
    {
        _value = value;
    }

    /// <summary>The 64 digits.</summary>
    public string Value => _value ?? throw new InvalidOperationException("an ObjectId that was never made");

    /// <summary>The first 12 digits.</summary>
    public string ShortId => Value[..12];

    /// <summary>Makes an id of 32 random octets.</summary>
    public static ObjectId FromBytes(ReadOnlySpan<byte> random)
    {
        return random.Length == LengthBytes
            ? new ObjectId(Convert.ToHexStringLower(random))
            : throw new ArgumentException($"an id has {LengthBytes} octets", nameof(random));
    }

    /// <summary>Reads the 64 digits back, false if they are none.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out ObjectId id)
    {
        bool valid = text is { Length: LengthBytes * 2 } && text.All(char.IsAsciiHexDigitLower);
        id = valid ? new ObjectId(text!) : default;
        return valid;
    }

    /// <inheritdoc/>
    public override string ToString() => Value;
}
