// SPDX-License-Identifier: Apache-2.0

using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Google.Protobuf;

namespace Resolver.Cli.Output;

/// <summary>Messages as JSON: the API's field names in camelCase, defaults included, so that a field is always there.</summary>
internal static class Json
{
    private static readonly JsonFormatter Formatter = new(JsonFormatter.Settings.Default.WithFormatDefaultValues(true));

    // The relaxed encoder leaves '+' and non-ASCII readable; nothing of this ends in HTML.
    private static readonly JsonWriterOptions Indented = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A message as a node that can be added to.</summary>
    public static JsonObject Node(IMessage message) => JsonNode.Parse(Formatter.Format(message))!.AsObject();

    /// <summary>An array of nodes.</summary>
    public static JsonArray Array(IEnumerable<IMessage> messages) => new([.. messages.Select(message => (JsonNode?)Node(message))]);

    /// <summary>Prints a node, indented.</summary>
    public static void Print(TextWriter output, JsonNode node)
    {
        using MemoryStream buffer = new();
        using (Utf8JsonWriter writer = new(buffer, Indented))
        {
            node.WriteTo(writer);
        }

        output.WriteLine(Encoding.UTF8.GetString(buffer.ToArray()));
    }
}
