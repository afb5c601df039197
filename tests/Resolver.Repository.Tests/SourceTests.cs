// SPDX-License-Identifier: Apache-2.0

using System.Text.RegularExpressions;

namespace Resolver.Repository.Tests;

/// <summary>What every source file keeps to.</summary>
public sealed partial class SourceTests
{
    private const int LongestFile = 400;
    private const int FullestFolder = 20;

    /// <summary>Files that may be longer, and why.</summary>
    private static readonly Dictionary<string, string> LongFiles = [];

    /// <summary>Folders that may hold more files, and why.</summary>
    private static readonly Dictionary<string, string> FullFolders = new()
    {
        ["src/Resolver.Cli/Commands"] = "a file per command, so that each is found by its name",
    };

    [Fact]
    public void Every_file_starts_with_its_licence()
    {
        Tree.NoneOf(Tree.Sources.Where(file => Tree.ReadLines(file) is not (["// SPDX-License-Identifier: Apache-2.0"] or ["// SPDX-License-Identifier: Apache-2.0", "", ..])));
    }

    [Fact]
    public void No_file_is_longer_than_four_hundred_lines()
    {
        Tree.NoneOf(Tree.Sources.Where(file => !LongFiles.ContainsKey(file)).Select(file => (file, Lines: Tree.ReadLines(file).Length))
            .Where(pair => pair.Lines > LongestFile).Select(pair => $"{pair.file}: {pair.Lines} lines"));
    }

    [Fact]
    public void No_folder_holds_more_than_twenty_files()
    {
        Tree.NoneOf(Tree.Sources.GroupBy(file => Path.GetDirectoryName(file) ?? "").Where(folder => !FullFolders.ContainsKey(folder.Key))
            .Where(folder => folder.Count() > FullestFolder).Select(folder => $"{folder.Key}: {folder.Count()} files"));
    }

    [Fact]
    public void Exemptions_are_still_needed()
    {
        Tree.NoneOf(LongFiles.Keys.Where(file => !Tree.Files.Contains(file) || Tree.ReadLines(file).Length <= LongestFile));
        Tree.NoneOf(FullFolders.Keys.Where(folder => Tree.Sources.Count(file => Path.GetDirectoryName(file) == folder) <= FullestFolder));
    }

    [Fact]
    public void Nothing_is_put_off_in_a_comment()
    {
        Tree.NoneOf(Lines(Tree.Files.Where(IsText), line => PutOff().IsMatch(line)));
    }

    [Fact]
    public void No_type_is_named_for_having_no_job_of_its_own()
    {
        Tree.NoneOf(Tree.Sources.Where(file => Jobless().IsMatch(Path.GetFileNameWithoutExtension(file))));
        Tree.NoneOf(Lines(Tree.Sources, line => JoblessType().IsMatch(line)));
    }

    [Fact]
    public void Native_functions_are_imported_by_the_source_generator()
    {
        Tree.NoneOf(Lines(Tree.Sources, line => DllImport().IsMatch(line)));
        Tree.NoneOf(Lines(Tree.Sources.Where(file => file.StartsWith("src/", StringComparison.Ordinal)
            && !file.StartsWith("src/Resolver.Linux/", StringComparison.Ordinal)), line => LibraryImport().IsMatch(line)));
    }

    [Fact]
    public void Event_ids_are_unique_in_a_project()
    {
        var events = Tree.Sources.Where(file => file.StartsWith("src/", StringComparison.Ordinal))
            .SelectMany(file => EventId().Matches(Tree.Read(file)).Select(match => (Project: file.Split('/')[1], Id: match.Groups["id"].Value, file)));
        Tree.NoneOf(events.GroupBy(logged => (logged.Project, logged.Id)).Where(same => same.Count() > 1)
            .Select(same => $"{same.Key.Project} {same.Key.Id}: {string.Join(", ", same.Select(logged => logged.file))}"));
    }

    [Fact]
    public void Every_logged_message_has_an_event_id()
    {
        Tree.NoneOf(Tree.Sources.Where(file => file.StartsWith("src/", StringComparison.Ordinal))
            .SelectMany(file => LoggedMessage().Matches(Tree.Read(file))
                .Where(match => !EventId().IsMatch(match.Value)).Select(match => $"{file}: {match.Value}")));
    }

    [Fact]
    public void A_public_type_has_a_file_of_its_name_but_for_small_records()
    {
        Tree.NoneOf(Tree.Sources.Where(file => file.StartsWith("src/", StringComparison.Ordinal)).SelectMany(file =>
            PublicType().Matches(Tree.Read(file)).Select(match => match.Groups["name"].Value)
                .Where(name => Path.GetFileName(file).Split('.')[0] is var own && own != name)
                .Select(name => $"{file}: {name}")));
    }

    private static IEnumerable<string> Lines(IEnumerable<string> files, Func<string, bool> offends) => files
        .Where(file => !file.StartsWith("tests/Resolver.Repository.Tests/", StringComparison.Ordinal))
        .SelectMany(file => Tree.ReadLines(file).Select((line, index) => (file, line, Number: index + 1)))
        .Where(place => offends(place.line)).Select(place => $"{place.file}:{place.Number}: {place.line.Trim()}");

    private static bool IsText(string file) => Path.GetExtension(file) is ".cs" or ".sh" or ".proto" or ".md" or ".csproj" or ".props" or ".c";

    [GeneratedRegex(@"\b(TODO|FIXME|HACK|XXX)\b")]
    private static partial Regex PutOff();

    [GeneratedRegex(@"(Manager|Helpers?|Utils?|Utilities|Common)$")]
    private static partial Regex Jobless();

    [GeneratedRegex(@"\b(class|struct|record|interface|enum)\s+\w*(Manager|Helpers?|Utils?|Utilities|Common)\b")]
    private static partial Regex JoblessType();

    [GeneratedRegex(@"\[DllImport\b|\bDllImportAttribute\b")]
    private static partial Regex DllImport();

    [GeneratedRegex(@"\[LibraryImport\b")]
    private static partial Regex LibraryImport();

    [GeneratedRegex(@"\[LoggerMessage\([^\]]*\]", RegexOptions.Singleline)]
    private static partial Regex LoggedMessage();

    [GeneratedRegex(@"\[LoggerMessage\((?:EventId\s*=\s*)?(?<id>\d+)|(?<=\[LoggerMessage\([^\]]*)EventId\s*=\s*(?<id>\d+)")]
    private static partial Regex EventId();

    [GeneratedRegex(@"^public\s+(?:(?:static|sealed|abstract|partial|readonly|ref)\s+)*(?:class|struct|interface|enum)\s+(?<name>\w+)", RegexOptions.Multiline)]
    private static partial Regex PublicType();
}
