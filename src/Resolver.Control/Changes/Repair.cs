// SPDX-License-Identifier: Apache-2.0

using Resolver.Core.Names;

namespace Resolver.Control.Changes;

/// <summary>
/// Makes the kernel again what desired state says of one object, after somebody else changed it there. Desired state stays as it is; an object that is
/// gone when its turn comes needs nothing.
/// </summary>
/// <param name="Object">A network or an endpoint.</param>
internal sealed record Repair(ObjectId Object) : Change;
