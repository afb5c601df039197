// SPDX-License-Identifier: Apache-2.0

using Resolver.Contract.V1;

namespace Resolver.Cli.Output;

/// <summary>Draws a network as a tree of lines.</summary>
internal static class Drawing
{
    /// <summary>Draws one network, an empty line behind it.</summary>
    public static void Network(TextWriter output, Network network, IReadOnlyList<Endpoint> endpoints, IReadOnlyList<NameEntry> names)
    {
        output.WriteLine($"{network.Name}  {Text.List(network.Subnets.Select(subnet => subnet.Subnet))}");
        output.WriteLine($"└─ {network.Bridge}  {Text.List(network.Subnets.Select(subnet => subnet.Gateway).Where(gateway => gateway.Length > 0))}");
        List<(string Title, List<string> Details)> branches = [.. Endpoints(endpoints, names)];
        string[] registered = [.. names.Where(name => name.Owner == NameOwner.Registration).Select(name => $"{name.Name} → {Text.List(name.Addresses)}")];
        if (registered.Length > 0)
        {
            branches.Add(("registered names", [.. registered]));
        }

        for (int i = 0; i < branches.Count; i++)
        {
            bool last = i == branches.Count - 1;
            output.WriteLine($"   {(last ? "└─" : "├─")} {branches[i].Title}");
            foreach (string detail in branches[i].Details)
            {
                output.WriteLine($"   {(last ? " " : "│")}     {detail}");
            }
        }

        output.WriteLine();
    }

    private static IEnumerable<(string Title, List<string> Details)> Endpoints(IReadOnlyList<Endpoint> endpoints, IReadOnlyList<NameEntry> names)
    {
        int nameWidth = endpoints.Select(endpoint => endpoint.SandboxName.Length).DefaultIfEmpty().Max();
        int linkWidth = endpoints.Select(endpoint => endpoint.SandboxLink.Length).DefaultIfEmpty().Max();
        foreach (Endpoint endpoint in endpoints)
        {
            string title = $"{endpoint.HostLink} ── {endpoint.SandboxLink.PadRight(linkWidth)}  {endpoint.SandboxName.PadRight(nameWidth)}"
                + $"  {Text.List(endpoint.Addresses)}  {endpoint.MacAddress}";
            List<string> details = [];
            string[] own = [.. names
                .Where(name => name.Owner == NameOwner.Endpoint && name.OwnerName == endpoint.SandboxName)
                .Select(name => name.Name)
                .OrderByDescending(name => name == endpoint.SandboxName)];
            if (own.Length > 0)
            {
                details.Add($"names {Text.List(own)}");
            }

            details.AddRange(endpoint.Ports.Select(port => $"port  {Text.Port(port, " → ")}"));
            yield return (title, details);
        }
    }
}
