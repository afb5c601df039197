// SPDX-License-Identifier: Apache-2.0

using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Resolver.Core.Endpoints;
using Resolver.Core.Failures;
using Resolver.Core.Names;
using Resolver.Core.Networks;
using Resolver.Core.Registrations;
using Resolver.Store.Documents;

namespace Resolver.Store.Sqlite;

/// <summary>A row of table <c>object</c>.</summary>
/// <param name="Kind">One of the constants.</param>
/// <param name="Id">Unique within the kind.</param>
/// <param name="Document">JSON; null in a deletion.</param>
internal sealed record ObjectRow(string Kind, string Id, string? Document)
{
    internal const string NetworkKind = "network";
    internal const string SandboxKind = "sandbox";
    internal const string EndpointKind = "endpoint";
    internal const string RegistrationKind = "registration";

    internal static ObjectRow Of(StoreOperation operation) => operation switch
    {
        StoreOperation.PutNetwork put => new(
            NetworkKind, put.Network.Id.Value, Write(NetworkDocument.Of(put.Network), DocumentContext.Default.NetworkDocument)),
        StoreOperation.DeleteNetwork delete => new(NetworkKind, delete.Id.Value, null),
        StoreOperation.PutSandbox put => new(
            SandboxKind, put.Sandbox.Id.Value, Write(SandboxDocument.Of(put.Sandbox), DocumentContext.Default.SandboxDocument)),
        StoreOperation.DeleteSandbox delete => new(SandboxKind, delete.Id.Value, null),
        StoreOperation.PutEndpoint put => new(
            EndpointKind, put.Endpoint.Id.Value, Write(EndpointDocument.Of(put.Endpoint), DocumentContext.Default.EndpointDocument)),
        StoreOperation.DeleteEndpoint delete => new(EndpointKind, delete.Id.Value, null),
        StoreOperation.PutRegistration put => new(
            RegistrationKind,
            RegistrationDocument.RowId(put.Registration.NetworkId, put.Registration.Name),
            Write(RegistrationDocument.Of(put.Registration), DocumentContext.Default.RegistrationDocument)),
        StoreOperation.DeleteRegistration delete => new(RegistrationKind, RegistrationDocument.RowId(delete.NetworkId, delete.Name), null),
        _ => throw new ArgumentException($"{operation.GetType().Name} is no store operation", nameof(operation)),
    };

    /// <exception cref="FormatException">The document is none of this version, or not that of the row's id.</exception>
    internal Network ToNetwork() => Checked(Read(DocumentContext.Default.NetworkDocument, document => document.ToNetwork()), value => value.Id.Value);

    /// <inheritdoc cref="ToNetwork"/>
    internal Sandbox ToSandbox() => Checked(Read(DocumentContext.Default.SandboxDocument, document => document.ToSandbox()), value => value.Id.Value);

    /// <inheritdoc cref="ToNetwork"/>
    internal Endpoint ToEndpoint() => Checked(Read(DocumentContext.Default.EndpointDocument, document => document.ToEndpoint()), value => value.Id.Value);

    /// <inheritdoc cref="ToNetwork"/>
    internal Registration ToRegistration() => Checked(
        Read(DocumentContext.Default.RegistrationDocument, document => document.ToRegistration()),
        value => RegistrationDocument.RowId(value.NetworkId, value.Name));

    private static string Write<T>(T document, JsonTypeInfo<T> type) => JsonSerializer.Serialize(document, type);

    private TValue Read<TDocument, TValue>(JsonTypeInfo<TDocument> type, Func<TDocument, TValue> map)
    {
        try
        {
            TDocument? document = JsonSerializer.Deserialize(Document!, type);
            return document is null ? throw new FormatException("the document is null") : map(document);
        }
        catch (Exception e) when (e is JsonException or RefusedException)
        {
            throw new FormatException(Printable.Quote(e.Message), e);
        }
    }

    private T Checked<T>(T value, Func<T, string> idOf) => idOf(value) == Id
        ? value
        : throw new FormatException($"its document is that of {Printable.Quote(idOf(value))}");
}
