using System.Text;
using Granary.Engine.Ids;

namespace Granary.Engine.Records;

/// <summary>One entry of a directory, with the members that reading and writing streams needs.</summary>
/// <remarks>Source: repository format §10.</remarks>
internal sealed record TreeNode
{
    public const string File = "file";
    public const string Directory = "dir";

    /// <summary>The unquoted name: bytes, without a slash.</summary>
    public required byte[] Name { get; init; }

    public required string Type { get; init; }

    /// <summary>Go's file mode.</summary>
    public ulong Mode { get; init; }

    /// <summary>Modification, access and change time alike.</summary>
    public Timestamp Time { get; init; }

    public ulong UserId { get; init; }

    public ulong GroupId { get; init; }

    public ulong Size { get; init; }

    /// <summary>A file's chunks in order; null for anything else.</summary>
    public Sha256IdList? Content { get; init; }

    /// <summary>A directory's tree.</summary>
    public BlobId? Subtree { get; init; }

    /// <summary>The name for messages and listings.</summary>
    public string DisplayName => Encoding.UTF8.GetString(Name);
}
