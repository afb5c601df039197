// SPDX-License-Identifier: Apache-2.0

using Resolver.Core.Endpoints;
using Resolver.Core.Failures;
using Resolver.Core.Names;
using Resolver.Linux;
using Resolver.Linux.Namespaces;
using Resolver.Linux.Sysctls;

namespace Resolver.Networking.Applying;

/// <summary>Parameters of an endpoint's link, written inside the sandbox.</summary>
internal static class SandboxSysctls
{
    /// <summary>Writes one, unless it has the value already: a read-only /proc/sys that is right is no failure.</summary>
    /// <exception cref="RefusedException">The kernel has no such parameter, does not take the value, or nobody may write here.</exception>
    internal static void Write(NetworkNamespace netns, InterfaceName link, LinkSysctl sysctl)
    {
        string path = sysctl.PathOf(link);
        try
        {
            _ = NamespaceThread.Run(netns, () => Sysctl.Write(path, sysctl.Value));
        }
        catch (KernelException e) when (e.Errno is Errno.ENOENT)
        {
            throw new RefusedException(FailureReason.InvalidArgument, "sysctls", $"sysctl {sysctl}: this kernel has no parameter {path}; leave it out", e);
        }
        catch (KernelException e) when (e.Errno is Errno.EINVAL or Errno.ERANGE)
        {
            throw new RefusedException(
                FailureReason.InvalidArgument, "sysctls", $"sysctl {sysctl}: the kernel does not take '{Printable.Quote(sysctl.Value)}' for {path}; give another value", e);
        }
        catch (KernelException e) when (e.Errno is Errno.EROFS or Errno.EACCES or Errno.EPERM)
        {
            throw new RefusedException(
                FailureReason.FailedPrecondition,
                $"sysctl {sysctl.Key}",
                $"sysctl {sysctl}: /proc/sys can't be written by the daemon ({e.Errno}) and {path} has another value; mount it writable, or leave the parameter out",
                e);
        }
    }
}
