// SPDX-License-Identifier: Apache-2.0

using Grpc.Core;
using Grpc.Core.Interceptors;
using Resolver.Core.Failures;
using Resolver.Linux;

namespace Resolver.Daemon.Services;

/// <summary>Turns what a call throws into a gRPC status with details. The only place that does.</summary>
internal sealed partial class FailureInterceptor(ILogger<FailureInterceptor> logger) : Interceptor
{
    /// <inheritdoc/>
    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            return await continuation(request, context);
        }
        catch (RefusedException e)
        {
            LogRefused(context.Method, e.Message);
            throw FailureStatus.Of(e).ToRpcException();
        }
        catch (KernelException e)
        {
            LogKernelRefused(context.Method, e.Message);
            throw FailureStatus.Of(e).ToRpcException();
        }
        catch (OperationCanceledException e) when (context.CancellationToken.IsCancellationRequested)
        {
            throw new RpcException(new Status(StatusCode.Cancelled, "the caller gave up waiting", e));
        }
        catch (Exception e) when (e is not RpcException)
        {
            string id = Guid.NewGuid().ToString("N")[..12];
            LogUnexpected(e, context.Method, id);
            throw FailureStatus.Unexpected(id).ToRpcException();
        }
    }

    [LoggerMessage(EventId = 101, Level = LogLevel.Debug, Message = "{Method} refused: {Reason}")]
    private partial void LogRefused(string method, string reason);

    [LoggerMessage(EventId = 102, Level = LogLevel.Warning, Message = "{Method} refused by the kernel: {Reason}")]
    private partial void LogKernelRefused(string method, string reason);

    [LoggerMessage(EventId = 103, Level = LogLevel.Error, Message = "{Method} failed unexpectedly, id {Id}")]
    private partial void LogUnexpected(Exception exception, string method, string id);
}
