// SPDX-License-Identifier: Apache-2.0

using Resolver.Fuzzing;
using Resolver.Fuzzing.Targets;
using SharpFuzz;

// fuzz.sh calls the first two; the others are for people.
return args switch
{
    ["instrument", string directory] => Instrument(directory),
    ["fuzz", string target] => Fuzz(target),
    ["run", string target, .. string[] files] => RunOnce(target, files),
    ["write-corpus", string directory] => Corpus.Write(directory),
    ["targets"] => Print(FuzzTarget.All.Select(target => target.Name)),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("usage: Resolver.Fuzzing targets | write-corpus DIRECTORY | run TARGET FILE... | instrument DIRECTORY | fuzz TARGET");
    return 2;
}

static int Print(IEnumerable<string> lines)
{
    Console.WriteLine(string.Join('\n', lines));
    return 0;
}

// What outside octets reach lies in these two.
static int Instrument(string directory)
{
    foreach (string assembly in (string[])["Resolver.Core.dll", "Resolver.Dns.dll"])
    {
        int types = Fuzzer.Instrument(Path.Combine(directory, assembly), _ => true, Options.Value).Count();
        Console.WriteLine($"{assembly}: {types} types");
    }

    return 0;
}

// In a process of its own, so that a stack overflow or an endless loop ends that one and is reported.
static int Fuzz(string name)
{
    FuzzTarget target = Find(name);
    Fuzzer.OutOfProcess.Run(stream =>
    {
        using MemoryStream input = new();
        stream.CopyTo(input);
        target.Run(input.GetBuffer().AsSpan(0, (int)input.Length));
    });
    return 0;
}

static int RunOnce(string name, string[] files)
{
    foreach (string file in files)
    {
        Find(name).Run(File.ReadAllBytes(file));
        Console.WriteLine($"{file}: fine");
    }

    return 0;
}

static FuzzTarget Find(string name) => FuzzTarget.All.FirstOrDefault(target => target.Name == name)
    ?? throw new ArgumentException($"no target {name}; there are {string.Join(", ", FuzzTarget.All.Select(target => target.Name))}");
