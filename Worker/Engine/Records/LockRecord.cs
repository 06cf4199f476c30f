using System.Buffers;
using Granary.Engine.Records.Json;

namespace Granary.Engine.Records;

/// <summary>
/// A lock file. Source: repository format §13. The pod's members and the process space are ours; other readers ignore
/// them.
/// </summary>
internal sealed record LockRecord
{
    public required Timestamp Time { get; init; }

    public bool Exclusive { get; init; }

    public string Hostname { get; init; } = "";

    public string Username { get; init; } = "";

    public int ProcessId { get; init; }

    public uint UserId { get; init; }

    public uint GroupId { get; init; }

    public string PodNamespace { get; init; } = "";

    public string PodName { get; init; } = "";

    public string PodUid { get; init; } = "";

    public string ProcessSpace { get; init; } = "";

    public static LockRecord Parse(ReadOnlyMemory<byte> json)
    {
        var fields = JsonFields.Parse(json);
        return new LockRecord
        {
            Time = Timestamp.Read(fields, "time"),
            Exclusive = fields.Boolean("exclusive"),
            Hostname = fields.Text("hostname"),
            Username = fields.Text("username"),
            ProcessId = (int)fields.Number("pid"),
            UserId = (uint)fields.Number("uid"),
            GroupId = (uint)fields.Number("gid"),
            PodNamespace = fields.Text("pod_namespace"),
            PodName = fields.Text("pod_name"),
            PodUid = fields.Text("pod_uid"),
            ProcessSpace = fields.Text("process_space"),
        };
    }

    public byte[] ToJson()
    {
        var bytes = new ArrayBufferWriter<byte>();
        var json = new JsonText(bytes).Open('{');
        json.Member("time"u8).Text(Time.Text);
        json.Member("exclusive"u8).Boolean(Exclusive);
        json.Member("hostname"u8).Text(Hostname);
        json.Member("username"u8).Text(Username);
        json.Member("pid"u8).Number((ulong)ProcessId);
        json.OptionalNumber("uid"u8, UserId);
        json.OptionalNumber("gid"u8, GroupId);
        json.OptionalText("pod_namespace"u8, PodNamespace);
        json.OptionalText("pod_name"u8, PodName);
        json.OptionalText("pod_uid"u8, PodUid);
        json.OptionalText("process_space"u8, ProcessSpace);
        json.Close('}');
        return bytes.WrittenSpan.ToArray();
    }
}
