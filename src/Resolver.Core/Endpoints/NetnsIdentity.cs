// SPDX-License-Identifier: Apache-2.0

namespace Resolver.Core.Endpoints;

/// <summary>What identifies a network namespace while it lives: the device and inode of its nsfs file (namespaces(7)).</summary>
/// <param name="Device">st_dev.</param>
/// <param name="Inode">st_ino.</param>
public readonly record struct NetnsIdentity(ulong Device, ulong Inode);
