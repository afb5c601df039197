// SPDX-License-Identifier: Apache-2.0

using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Resolver.Contract.V1;
using Resolver.Core.Failures;
using Resolver.Core.Names;
using Resolver.Daemon.Hosting;
using Resolver.Daemon.Mapping;
using Resolver.Dns.Serving;
using AnswerSource = Resolver.Dns.Serving.AnswerSource;
using DnsService = Resolver.Contract.V1.DnsService;
using Sandbox = Resolver.Core.Endpoints.Sandbox;

namespace Resolver.Daemon.Services;

/// <summary>DnsService over the control plane.</summary>
internal sealed class DnsRpc(ControlGate control) : DnsService.DnsServiceBase
{
    /// <inheritdoc/>
    public override async Task<QueryResponse> Query(QueryRequest request, ServerCallContext context)
    {
        Sandbox sandbox = Lookup.Sandbox(control.Current, request.Sandbox);
        AskedReply asked = await control.AskAsync(sandbox.Id, Questions.ToMessage(request)) ?? throw RefusedException.WrongState(
            $"sandbox {sandbox.Name}", $"query {request.Name}: sandbox {sandbox.Name} has no responder; its namespace is gone, or could not be entered");
        QueryResponse response = new()
        {
            Reply = ByteString.CopyFrom(asked.Message.Span),
            Duration = Duration.FromTimeSpan(asked.Elapsed),
            Source = asked.Source switch
            {
                AnswerSource.Registry => Contract.V1.AnswerSource.Registry,
                AnswerSource.Cache => Contract.V1.AnswerSource.Cache,
                _ => Contract.V1.AnswerSource.Upstream,
            },
        };
        response.Lines.AddRange(Questions.ToLines(asked.Message));
        return response;
    }

    /// <inheritdoc/>
    public override Task<FlushCacheResponse> FlushCache(FlushCacheRequest request, ServerCallContext context)
    {
        DnsName? name = Fields.Optional(request.Name, "name", DnsName.Parse);
        if (name is not null && request.Network.Length > 0)
        {
            throw RefusedException.Invalid("network", "flush the cache: give a name or a network, not both");
        }

        if (name is null && request.Below)
        {
            throw RefusedException.Invalid("below", "flush the cache: below needs a name");
        }

        Core.Networks.Network? network = request.Network.Length > 0 ? Lookup.Network(control.Current, request.Network) : null;
        int forgotten = control.FlushDnsCache(name, request.Below, network);
        return Task.FromResult(new FlushCacheResponse { Forgotten = (uint)forgotten });
    }
}
