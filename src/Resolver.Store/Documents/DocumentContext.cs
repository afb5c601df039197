// SPDX-License-Identifier: Apache-2.0

using System.Text.Json.Serialization;

namespace Resolver.Store.Documents;

/// <summary>JSON of the documents. Strict on reading: what this version does not know was written by a newer one, and would be lost at the next write.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(NetworkDocument))]
[JsonSerializable(typeof(SandboxDocument))]
[JsonSerializable(typeof(EndpointDocument))]
[JsonSerializable(typeof(RegistrationDocument))]
internal sealed partial class DocumentContext : JsonSerializerContext;
