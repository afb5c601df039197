// SPDX-License-Identifier: Apache-2.0

using Resolver.Linux;
using Resolver.Networking.Sandboxes;
using Xunit;

namespace Resolver.Networking.Tests;

/// <summary>The files of a sandbox.</summary>
public sealed class SandboxFilesTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("sandbox-files").FullName;

    [Fact]
    public void Files_are_written_anew_in_place_and_can_be_read_by_all()
    {
        string made = Path.Combine(_directory, "made");
        SandboxFiles.Write(made, "a long text of resolv.conf\n", "hosts\n");
        using FileStream mounted = File.OpenRead(Path.Combine(made, "resolv.conf")); // As a process that has it mounted.
        SandboxFiles.Write(made, "short\n", "hosts\n");
        using StreamReader reader = new(mounted);
        Assert.Equal("short\n", reader.ReadToEnd());
        Assert.Equal("hosts\n", File.ReadAllText(Path.Combine(made, "hosts")));
        Assert.True(File.GetUnixFileMode(Path.Combine(made, "hosts")).HasFlag(UnixFileMode.OtherRead));
        SandboxFiles.Remove(made);
        Assert.False(Directory.Exists(made));
    }

    [Fact]
    public void A_symbolic_link_is_not_followed()
    {
        string elsewhere = Path.Combine(_directory, "elsewhere");
        File.WriteAllText(elsewhere, "somebody's");
        File.CreateSymbolicLink(Path.Combine(_directory, "resolv.conf"), elsewhere);
        KernelException refused = Assert.Throws<KernelException>(() => SandboxFiles.Write(_directory, "ours\n", "hosts\n"));
        Assert.Contains("symbolic link", refused.Message, StringComparison.Ordinal);
        Assert.Equal("somebody's", File.ReadAllText(elsewhere));
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);
}
