// SPDX-License-Identifier: Apache-2.0

using Resolver.Core.Failures;
using Resolver.Core.Networks;
using Resolver.Core.Registrations;
using Resolver.Store;

namespace Resolver.Control.Changes;

internal static partial class Admission
{
    private const int MaxRegistrations = 100_000;

    // A name may belong to endpoints and registrations at once: questions get the addresses of all of them.
    private static Admitted Admit(AdmissionContext context, RegisterNames change)
    {
        Network network = NetworkOf(context.State, $"register {change.Name}", change.Network);
        string operation = $"register {change.Name} in {network.Name}";
        if (network.IsDefault)
        {
            throw RefusedException.WrongState(
                $"network {network.Name}", $"{operation}: names don't resolve on the default network; register in a network of your own");
        }

        int addresses = change.Addresses.Distinct().Count();
        if (addresses is 0 or > Registration.MaxAddresses)
        {
            throw RefusedException.Invalid("addresses", $"{operation}: a registration has 1 to {Registration.MaxAddresses} addresses, this one has {addresses}");
        }

        if (change.Aliases.Length > Registration.MaxAliases)
        {
            throw RefusedException.Invalid(
                "aliases", $"{operation}: a registration has at most {Registration.MaxAliases} aliases, this one has {change.Aliases.Length}");
        }

        bool isNew = !context.State.Registrations.ContainsKey((network.Id, change.Name));
        if (isNew && context.State.IndexOf(network.Id).Registrations.Count >= MaxRegistrations)
        {
            throw RefusedException.Exhausted($"network {network.Name}", $"{operation}: the network has {MaxRegistrations} registrations, which is the most; deregister some");
        }

        Registration registration = new()
        {
            NetworkId = network.Id,
            Name = change.Name,
            Aliases = [.. change.Aliases.Distinct()],
            Addresses = [.. change.Addresses.Distinct()],
        };
        return new Admitted(
            StateEdit.Commit(new StoreOperation.PutRegistration(registration)), new ChangeResult(0, network, Registration: registration));
    }

    private static Admitted Admit(AdmissionContext context, DeregisterNames change)
    {
        Network network = NetworkOf(context.State, $"deregister {change.Name}", change.Network);
        return context.State.Registrations.TryGetValue((network.Id, change.Name), out Registration? registration)
            ? new Admitted(
                StateEdit.Commit(new StoreOperation.DeleteRegistration(network.Id, change.Name)), new ChangeResult(0, network, Registration: registration))
            : throw RefusedException.NotFound(
                $"registration {change.Name}", $"deregister {change.Name} from {network.Name}: that name is not registered there; endpoints' names go with 'disconnect'");
    }
}
