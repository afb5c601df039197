// SPDX-License-Identifier: Apache-2.0

using System.Net;
using System.Numerics;

namespace Resolver.Core.Addressing;

/// <summary>Sums over IP addresses as unsigned integers in network order. Pure.</summary>
public static class IPAddressArithmetic
{
    /// <summary>32 or 128.</summary>
    public static int Bits(IPAddress address) => address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? 32 : 128;

    /// <summary>The integer with all host bits of the prefix set.</summary>
    public static UInt128 HostMask(IPAddress address, int prefixLength)
    {
        int hostBits = Bits(address) - prefixLength;
        return hostBits >= 128 ? UInt128.MaxValue : (UInt128.One << hostBits) - 1;
    }

    /// <summary>The address with its host bits cleared.</summary>
    public static IPAddress Mask(IPAddress address, int prefixLength) =>
        FromInteger(ToInteger(address) & ~HostMask(address, prefixLength), Bits(address));

    /// <summary>The address that lies <paramref name="offset"/> behind.</summary>
    /// <exception cref="OverflowException">The sum leaves the address space.</exception>
    public static IPAddress Add(IPAddress address, UInt128 offset)
    {
        UInt128 sum = checked(ToInteger(address) + offset);
        return Bits(address) == 32 && sum > uint.MaxValue ? throw new OverflowException() : FromInteger(sum, Bits(address));
    }

    /// <summary>How far <paramref name="address"/> lies behind <paramref name="start"/>.</summary>
    public static UInt128 Distance(IPAddress start, IPAddress address) => ToInteger(address) - ToInteger(start);

    /// <summary>The address as an integer.</summary>
    public static UInt128 ToInteger(IPAddress address) =>
        (UInt128)new BigInteger(address.GetAddressBytes(), isUnsigned: true, isBigEndian: true);

    /// <summary>The address of an integer.</summary>
    /// <param name="value">Below 2^<paramref name="bits"/>.</param>
    /// <param name="bits">32 or 128.</param>
    public static IPAddress FromInteger(UInt128 value, int bits)
    {
        byte[] octets = new byte[bits / 8];
        for (int i = octets.Length - 1; i >= 0; i--)
        {
            octets[i] = (byte)(value & 0xFF);
            value >>= 8;
        }

        return new IPAddress(octets);
    }
}
