using System.Buffers;
using System.Text.Json;
using Granary.Engine.Ids;
using Granary.Engine.Records.Json;

namespace Granary.Engine.Records;

/// <summary>Reads and writes snapshot documents. Source: repository format §11.</summary>
internal static class SnapshotJson
{
    public static SnapshotRecord Parse(ReadOnlyMemory<byte> json)
    {
        var fields = JsonFields.Parse(json);
        return new SnapshotRecord
        {
            Time = Timestamp.Read(fields, "time"),
            Parent = fields.Id("parent") is { } parent ? new SnapshotId(parent) : null,
            Tree = new BlobId(fields.Id("tree") ?? throw new JsonException("The snapshot has no tree.")),
            Paths = fields.Texts("paths"),
            Hostname = fields.Text("hostname"),
            Username = fields.Text("username"),
            UserId = (uint)fields.Number("uid"),
            GroupId = (uint)fields.Number("gid"),
            Excludes = fields.Texts("excludes"),
            Tags = fields.Texts("tags"),
            Original = fields.Id("original") is { } original ? new SnapshotId(original) : null,
            ProgramVersion = fields.Text("program_version"),
            Summary = fields.Object("summary") is { } summary ? ParseSummary(summary) : null,
        };
    }

    public static byte[] ToJson(SnapshotRecord snapshot)
    {
        var bytes = new ArrayBufferWriter<byte>();
        var json = new JsonText(bytes).Open('{');
        json.Member("time"u8).Text(snapshot.Time.Text);
        WriteId(json, "parent"u8, snapshot.Parent);
        json.Member("tree"u8).Id(snapshot.Tree.Hash);
        json.Texts("paths"u8, snapshot.Paths);
        json.OptionalText("hostname"u8, snapshot.Hostname);
        json.OptionalText("username"u8, snapshot.Username);
        json.OptionalNumber("uid"u8, snapshot.UserId);
        json.OptionalNumber("gid"u8, snapshot.GroupId);
        json.OptionalTexts("excludes"u8, snapshot.Excludes);
        json.OptionalTexts("tags"u8, snapshot.Tags);
        WriteId(json, "original"u8, snapshot.Original);
        json.OptionalText("program_version"u8, snapshot.ProgramVersion);
        if (snapshot.Summary is { } summary)
        {
            json.Member("summary"u8);
            WriteSummary(json, summary);
        }

        json.Close('}');
        return bytes.WrittenSpan.ToArray();
    }

    private static void WriteId(JsonText json, ReadOnlySpan<byte> name, SnapshotId? id)
    {
        if (id is { } value)
        {
            json.Member(name).Id(value.Hash);
        }
    }

    private static SnapshotSummary ParseSummary(JsonFields fields) =>
        new()
        {
            BackupStart = Timestamp.Read(fields, "backup_start"),
            BackupEnd = Timestamp.Read(fields, "backup_end"),
            FilesNew = fields.Number("files_new"),
            FilesChanged = fields.Number("files_changed"),
            FilesUnmodified = fields.Number("files_unmodified"),
            DirectoriesNew = fields.Number("dirs_new"),
            DirectoriesChanged = fields.Number("dirs_changed"),
            DirectoriesUnmodified = fields.Number("dirs_unmodified"),
            DataBlobs = fields.Number("data_blobs"),
            TreeBlobs = fields.Number("tree_blobs"),
            DataAdded = fields.Number("data_added"),
            DataAddedPacked = fields.Number("data_added_packed"),
            TotalFilesProcessed = fields.Number("total_files_processed"),
            TotalBytesProcessed = fields.Number("total_bytes_processed"),
        };

    private static void WriteSummary(JsonText json, SnapshotSummary summary)
    {
        json.Open('{');
        json.Member("backup_start"u8).Text(summary.BackupStart.Text);
        json.Member("backup_end"u8).Text(summary.BackupEnd.Text);
        json.Member("files_new"u8).Number(summary.FilesNew);
        json.Member("files_changed"u8).Number(summary.FilesChanged);
        json.Member("files_unmodified"u8).Number(summary.FilesUnmodified);
        json.Member("dirs_new"u8).Number(summary.DirectoriesNew);
        json.Member("dirs_changed"u8).Number(summary.DirectoriesChanged);
        json.Member("dirs_unmodified"u8).Number(summary.DirectoriesUnmodified);
        json.Member("data_blobs"u8).Number(summary.DataBlobs);
        json.Member("tree_blobs"u8).Number(summary.TreeBlobs);
        json.Member("data_added"u8).Number(summary.DataAdded);
        json.Member("data_added_packed"u8).Number(summary.DataAddedPacked);
        json.Member("total_files_processed"u8).Number(summary.TotalFilesProcessed);
        json.Member("total_bytes_processed"u8).Number(summary.TotalBytesProcessed);
        json.Close('}');
    }
}
