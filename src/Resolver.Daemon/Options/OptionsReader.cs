// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using System.Text.Json;
using Resolver.Core.Names;

namespace Resolver.Daemon.Options;

/// <summary>Puts the options together: defaults, then the configuration file, then the environment, then the command line.</summary>
internal static class OptionsReader
{
    /// <summary>The configuration file that is read when it exists and none is named.</summary>
    public const string DefaultConfigPath = "/etc/resolver/resolver.json";

    private const string ConfigVariable = "RESOLVER_CONFIG";

    /// <summary>Reads all sources.</summary>
    /// <param name="arguments">The command line without --help and --version.</param>
    /// <param name="environment">Gives a variable's value; null when it is not set.</param>
    /// <exception cref="OptionsException">Something is not understood; names the source and the option.</exception>
    public static DaemonOptions Read(IReadOnlyList<string> arguments, Func<string, string?> environment)
    {
        (string? config, List<(OptionDefinition Option, string Value)> flags) = Split(arguments);
        config ??= environment(ConfigVariable);
        DaemonOptions options = new();
        if (config is not null || File.Exists(DefaultConfigPath))
        {
            options = ApplyFile(options, config ?? DefaultConfigPath);
        }

        options = ApplyEnvironment(options, environment);
        foreach (IGrouping<OptionDefinition, string> group in flags.GroupBy(flag => flag.Option, flag => flag.Value))
        {
            options = Apply(options, group.Key, [.. group], group.Key.Flag);
        }

        return options;
    }

    private static (string? Config, List<(OptionDefinition, string)> Flags) Split(IReadOnlyList<string> arguments)
    {
        string? config = null;
        List<(OptionDefinition, string)> flags = [];
        for (int i = 0; i < arguments.Count; i++)
        {
            string[] parts = arguments[i].Split('=', 2);
            OptionDefinition? option = OptionDefinitions.All.FirstOrDefault(candidate => candidate.Flag == parts[0]);
            if (option is null && parts[0] != "--config")
            {
                throw new OptionsException($"unknown argument '{Printable.Quote(parts[0])}': see resolverd --help");
            }

            string value = parts.Length == 2 ? parts[1]
                : ++i < arguments.Count ? arguments[i]
                : throw new OptionsException($"{parts[0]} needs a value: see resolverd --help");
            if (option is null)
            {
                config = value;
            }
            else
            {
                flags.Add((option, value));
            }
        }

        return (config, flags);
    }

    private static DaemonOptions ApplyEnvironment(DaemonOptions options, Func<string, string?> environment)
    {
        foreach (OptionDefinition option in OptionDefinitions.All)
        {
            if (environment(option.Variable) is { } value)
            {
                options = Apply(options, option, option.Repeatable ? [.. value.Split(',')] : [value], option.Variable);
            }
        }

        return options;
    }

    private static DaemonOptions ApplyFile(DaemonOptions options, string path)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(
                File.ReadAllBytes(path), new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                throw new OptionsException($"{path} is no JSON object");
            }

            foreach (JsonProperty property in document.RootElement.EnumerateObject())
            {
                OptionDefinition option = OptionDefinitions.All.FirstOrDefault(candidate => candidate.Key == property.Name)
                    ?? throw new OptionsException(
                        $"{path}: unknown key '{Printable.Quote(property.Name)}'; there are {string.Join(", ", OptionDefinitions.All.Select(o => o.Key))}");
                options = Apply(options, option, Values(option, property.Value, path), $"{path}: {option.Key}");
            }

            return options;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OptionsException($"the configuration file {path} can't be read: {e.Message}", e);
        }
        catch (JsonException e)
        {
            throw new OptionsException($"{path} is no valid JSON: {e.Message}", e);
        }
    }

    private static ImmutableArray<string> Values(OptionDefinition option, JsonElement element, string path)
    {
        JsonElement[] elements = option.Repeatable && element.ValueKind == JsonValueKind.Array ? [.. element.EnumerateArray()] : [element];
        return elements.Length > 0 && elements.All(item => item.ValueKind == JsonValueKind.String)
            ? [.. elements.Select(item => item.GetString()!)]
            : throw new OptionsException($"{path}: {option.Key} must be a string{(option.Repeatable ? " or a list of strings" : "")}");
    }

    private static DaemonOptions Apply(DaemonOptions options, OptionDefinition option, ImmutableArray<string> values, string source)
    {
        if (values.Length > 1 && !option.Repeatable)
        {
            throw new OptionsException($"{source} is given {values.Length} times; once is enough");
        }

        try
        {
            return values.Any(string.IsNullOrEmpty) ? throw new FormatException("is empty") : option.Apply(options, values);
        }
        catch (FormatException e)
        {
            throw new OptionsException($"{source} '{Printable.Quote(string.Join(',', values))}' {e.Message}", e);
        }
    }
}
