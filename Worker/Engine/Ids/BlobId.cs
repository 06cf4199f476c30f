namespace Granary.Engine.Ids;

/// <summary>
/// Names a blob: the SHA-256 of its plaintext, before compression. Unique only together with the
/// <see cref="BlobType"/>.
/// </summary>
public readonly record struct BlobId(Sha256Id Hash)
{
    /// <summary>Names a blob by its plaintext.</summary>
    public static BlobId Of(ReadOnlySpan<byte> plaintext) => new(Sha256Id.Of(plaintext));

    /// <summary>Reads 64 lower-case hexadecimal digits.</summary>
    public static BlobId Parse(string text) => new(Sha256Id.Parse(text));

    /// <inheritdoc/>
    public override string ToString() => Hash.ToString();
}

/// <summary>The content of a blob.</summary>
public enum BlobType : byte
{
    /// <summary>A chunk of a file.</summary>
    Data = 0,

    /// <summary>A directory.</summary>
    Tree = 1,
}

/// <summary>
/// The key of a blob everywhere: a data and a tree blob may share an id and are still different things.
/// </summary>
public readonly record struct BlobHandle(BlobType Type, BlobId Id)
{
    /// <inheritdoc/>
    public override string ToString() => $"{(Type == BlobType.Tree ? "tree" : "data")}/{Id}";
}
