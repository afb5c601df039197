// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Resolver.Core.Failures;
using Resolver.Linux;
using Resolver.Networking.Applying;

namespace Resolver.Networking.Coexistence;

/// <summary>
/// Settings that belong to the whole host and not to a link of ours. Each is noted with its value before, durably, before it is changed, and set
/// back only while it still has our value. Thread-safe.
/// </summary>
internal sealed class HostSettings
{
    private readonly HostKernel _host;
    private readonly string? _path;
    private readonly Lock _lock = new();
    private ImmutableArray<HostSetting> _changed;

    /// <exception cref="IOException">The file can't be read.</exception>
    internal HostSettings(HostKernel host, string? path)
    {
        _host = host;
        _path = path;
        _changed = path is null ? [] : HostSettingsFile.Read(path);
    }

    /// <summary>True if it is one that we changed and did not set back.</summary>
    internal bool HasChanged(string key)
    {
        lock (_lock)
        {
            return _changed.Any(setting => setting.Key == key);
        }
    }

    /// <summary>Changes a setting that has another value.</summary>
    /// <exception cref="RefusedException">It can't be noted or changed; the message names it, and nothing is changed.</exception>
    internal void Change(string key, string value, string before)
    {
        lock (_lock)
        {
            ImmutableArray<HostSetting> earlier = _changed;
            try
            {
                Note([.. earlier.Where(setting => setting.Key != key), new HostSetting(key, before, value)]);
                _host.WriteSysctl(key, value, isOptional: false);
            }
            catch (Exception e) when (e is KernelException or IOException or UnauthorizedAccessException)
            {
                // The longer list does no harm if it stays: what was not changed does not have our value.
                TryNote(earlier);
                string name = NameOf(key);
                throw new RefusedException(
                    FailureReason.FailedPrecondition,
                    name,
                    $"{name} is {before} and can't be set to {value} ({e.Message}): set it on the host, with sysctl -w {name}={value}, or make networks --internal",
                    e);
            }
        }
    }

    /// <summary>Sets one back.</summary>
    /// <exception cref="KernelException">Refused.</exception>
    internal void Restore(string key)
    {
        lock (_lock)
        {
            if (_changed.FirstOrDefault(setting => setting.Key == key) is { } setting)
            {
                Restore(setting);
            }
        }
    }

    /// <summary>Sets all back, the last changed first.</summary>
    /// <param name="areNeeded">Says that others on this host need a setting.</param>
    /// <returns>A line for each that was set back or left as it is, with the reason.</returns>
    internal ImmutableArray<string> RestoreAll(Func<string, bool> areNeeded)
    {
        lock (_lock)
        {
            ImmutableArray<string>.Builder lines = ImmutableArray.CreateBuilder<string>();
            foreach (HostSetting setting in _changed.Reverse())
            {
                try
                {
                    lines.Add(areNeeded(setting.Key)
                        ? $"{NameOf(setting.Key)} stays {setting.Ours} (it was {setting.Before}): Docker is on this host and needs it"
                        : Restore(setting));
                }
                catch (KernelException e)
                {
                    lines.Add($"{NameOf(setting.Key)} stays {setting.Ours} (it was {setting.Before}): {e.Message}");
                }
            }

            return lines.ToImmutable();
        }
    }

    private string Restore(HostSetting setting)
    {
        string? now = _host.ReadSysctls([setting.Key])[0].Value;
        if (now == setting.Ours)
        {
            _host.WriteSysctl(setting.Key, setting.Before, isOptional: false);
        }

        TryNote([.. _changed.Where(other => other.Key != setting.Key)]);
        string name = NameOf(setting.Key);
        return now == setting.Ours ? $"{name} is {setting.Before} again"
            : now is null ? $"{name} is gone, so nothing is left to set back"
            : $"{name} stays {now}: we set it to {setting.Ours}, somebody else to this";
    }

    private void Note(ImmutableArray<HostSetting> changed)
    {
        if (_path is not null)
        {
            HostSettingsFile.Write(_path, changed);
        }

        _changed = changed;
    }

    private void TryNote(ImmutableArray<HostSetting> changed)
    {
        try
        {
            Note(changed);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _changed = changed; // The file says more than is so, which is found out when it is read.
        }
    }

    // As sysctl(8) has it; a link's name with dots keeps the slashes.
    private static string NameOf(string key) => key.Contains('.', StringComparison.Ordinal) ? key : key.Replace('/', '.');
}
