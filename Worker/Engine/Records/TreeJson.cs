using System.Buffers;
using System.Text.Json;
using Granary.Engine.Ids;
using Granary.Engine.Records.Json;

namespace Granary.Engine.Records;

/// <summary>Reads and writes tree documents, piece by piece: one file's chunk list may be many megabytes.</summary>
/// <remarks>Source: repository format §10.</remarks>
internal static class TreeJson
{
    public const ulong FileMode = 0x1A4; // 0644
    public const ulong DirectoryMode = 0x800001ED; // 0755 and the directory's bit

    private const int FlushAfterBytes = 32 << 10;

    /// <summary>Reads all nodes.</summary>
    /// <exception cref="JsonException">It is not JSON, or not a tree.</exception>
    /// <exception cref="FormatException">A name has an unknown escape.</exception>
    public static List<TreeNode> Read(Stream source)
    {
        var tokens = new JsonTokens(source);
        var nodes = new List<TreeNode>();
        tokens.Next();
        tokens.Expect(JsonTokenType.StartObject);
        while (tokens.Next() == JsonTokenType.PropertyName)
        {
            if (!tokens.IsMember("nodes"u8))
            {
                tokens.SkipValue();
            }
            else if (tokens.Next() != JsonTokenType.Null)
            {
                tokens.Expect(JsonTokenType.StartArray);
                while (tokens.Next() == JsonTokenType.StartObject)
                {
                    nodes.Add(ReadNode(tokens));
                }

                tokens.Expect(JsonTokenType.EndArray);
            }
        }

        tokens.Expect(JsonTokenType.EndObject);
        while (tokens.Read())
        {
            throw new JsonException("Something follows the tree.");
        }

        return nodes;
    }

    /// <summary>Writes a whole tree. The nodes must ascend by name, as bytes.</summary>
    public static void Write(IReadOnlyList<TreeNode> nodes, Stream destination)
    {
        var buffer = new ArrayBufferWriter<byte>(FlushAfterBytes + 4096);
        var json = new JsonText(buffer);
        json.Open('{').Member("nodes"u8).Open('[');
        foreach (var node in nodes)
        {
            WriteNode(json, node, buffer, destination);
        }

        json.Close(']').Close('}').EndOfLine();
        Flush(buffer, destination);
    }

    private static TreeNode ReadNode(JsonTokens tokens)
    {
        byte[] name = [];
        var type = "";
        ulong mode = 0,
            size = 0,
            user = 0,
            group = 0;
        Timestamp time = default;
        Sha256IdList? content = null;
        BlobId? subtree = null;
        while (tokens.Next() == JsonTokenType.PropertyName)
        {
            if (tokens.IsMember("name"u8))
            {
                name = NodeName.Unquote(tokens.NextText() ?? "");
            }
            else if (tokens.IsMember("type"u8))
            {
                type = tokens.NextText() ?? "";
            }
            else if (tokens.IsMember("mode"u8))
            {
                mode = tokens.NextNumber();
            }
            else if (tokens.IsMember("mtime"u8))
            {
                time = Timestamp.TryParse(tokens.NextText() ?? "", out var parsed) ? parsed : default;
            }
            else if (tokens.IsMember("uid"u8))
            {
                user = tokens.NextNumber();
            }
            else if (tokens.IsMember("gid"u8))
            {
                group = tokens.NextNumber();
            }
            else if (tokens.IsMember("size"u8))
            {
                size = tokens.NextNumber();
            }
            else if (tokens.IsMember("content"u8))
            {
                content = ReadContent(tokens);
            }
            else if (tokens.IsMember("subtree"u8))
            {
                subtree = tokens.Next() == JsonTokenType.Null ? null : new BlobId(tokens.Id());
            }
            else
            {
                tokens.SkipValue();
            }
        }

        tokens.Expect(JsonTokenType.EndObject);
        return new TreeNode
        {
            Name = name,
            Type = type,
            Mode = mode,
            Time = time,
            UserId = user,
            GroupId = group,
            Size = size,
            Content = content,
            Subtree = subtree,
        };
    }

    private static Sha256IdList? ReadContent(JsonTokens tokens)
    {
        if (tokens.Next() == JsonTokenType.Null)
        {
            return null;
        }

        tokens.Expect(JsonTokenType.StartArray);
        var content = new Sha256IdList();
        while (tokens.Next() == JsonTokenType.String)
        {
            content.Add(tokens.Id());
        }

        tokens.Expect(JsonTokenType.EndArray);
        return content;
    }

    private static void WriteNode(JsonText json, TreeNode node, ArrayBufferWriter<byte> buffer, Stream destination)
    {
        json.Open('{');
        json.Member("name"u8).Text(NodeName.Quote(node.Name));
        json.Member("type"u8).Text(node.Type);
        json.OptionalNumber("mode"u8, node.Mode);
        json.Member("mtime"u8).Text(node.Time.Text);
        json.Member("atime"u8).Text(node.Time.Text);
        json.Member("ctime"u8).Text(node.Time.Text);
        json.Member("uid"u8).Number(node.UserId);
        json.Member("gid"u8).Number(node.GroupId);
        json.OptionalNumber("size"u8, node.Size);
        json.Member("content"u8);
        if (node.Content is null)
        {
            json.Null();
        }
        else
        {
            json.Open('[');
            for (var i = 0; i < node.Content.Count; i++)
            {
                json.Id(node.Content[i]);
                if (buffer.WrittenCount >= FlushAfterBytes)
                {
                    Flush(buffer, destination);
                }
            }

            json.Close(']');
        }

        if (node.Subtree is { } subtree)
        {
            json.Member("subtree"u8).Id(subtree.Hash);
        }

        json.Close('}');
    }

    private static void Flush(ArrayBufferWriter<byte> buffer, Stream destination)
    {
        destination.Write(buffer.WrittenSpan);
        buffer.ResetWrittenCount();
    }
}
