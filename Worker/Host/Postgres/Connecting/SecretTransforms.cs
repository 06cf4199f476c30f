using System.Text;
using Granary.Api.AppCatalog.V1Alpha1;

namespace Granary.Worker.Postgres.Connecting;

/// <summary>Applies an AppBinding's <c>secretTransforms</c> to a copy of its Secret's data.</summary>
internal static class SecretTransforms
{
    /// <summary>Applies the transforms in their order.</summary>
    /// <param name="data">The Secret's data; not changed.</param>
    /// <param name="transforms">What to do.</param>
    /// <param name="readSecret">Reads the Secret that <c>addKeysFrom</c> names.</param>
    /// <exception cref="StepFailedException">A value is not base64, or a transform says nothing.</exception>
    public static async Task<IReadOnlyDictionary<string, byte[]>> ApplyAsync(
        IReadOnlyDictionary<string, byte[]> data,
        IReadOnlyList<SecretTransform> transforms,
        Func<string, Task<IReadOnlyDictionary<string, byte[]>>> readSecret
    )
    {
        var result = new Dictionary<string, byte[]>(data, StringComparer.Ordinal);
        foreach (var transform in transforms)
        {
            switch (transform)
            {
                case { RenameKey: { } rename }:
                    if (result.Remove(rename.From, out var value))
                    {
                        result[rename.To] = value;
                    }

                    break;
                case { AddKey: { } add }:
                    result[add.Key] = Value(add);
                    break;
                case { AddKeysFrom.SecretRef.Name: { Length: > 0 } name }:
                    foreach (var (key, added) in await readSecret(name))
                    {
                        result[key] = added;
                    }

                    break;
                case { RemoveKey: { } remove }:
                    result.Remove(remove.Key);
                    break;
                default:
                    throw new StepFailedException(
                        "A secret transform of the AppBinding has none of renameKey, addKey, addKeysFrom and removeKey"
                    );
            }
        }

        return result;
    }

    private static byte[] Value(AddKeyTransform add)
    {
        if (add.StringValue is { } text)
        {
            return Encoding.UTF8.GetBytes(text);
        }

        try
        {
            return Convert.FromBase64String(add.Value ?? "");
        }
        catch (FormatException e)
        {
            throw new StepFailedException(
                $"The secret transform that adds the key '{add.Key}' has a value that is not base64",
                e
            );
        }
    }
}
