// SPDX-License-Identifier: Apache-2.0

using Resolver.Control.Lanes;
using Resolver.Control.Publishing;
using Resolver.Control.Sandboxes;
using Resolver.Store;

namespace Resolver.Control.Writing;

/// <summary>Whom the writer hands its results to.</summary>
internal sealed record WriterRooms(
    IDesiredStore Store, Publisher Publisher, KernelWorker Worker, SandboxRuntimes Runtimes, SandboxEnds Ends, TimeProvider TimeProvider);
