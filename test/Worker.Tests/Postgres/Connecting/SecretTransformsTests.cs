using System.Text;
using Granary.Api.AppCatalog.V1Alpha1;
using Granary.Worker.Postgres.Connecting;

namespace Granary.Worker.Tests.Postgres.Connecting;

public sealed class SecretTransformsTests
{
    [Fact]
    public async Task Transforms_apply_in_order_to_a_copy()
    {
        var data = Data(("user", "app"), ("pw", "one"), ("junk", "x"));
        SecretTransform[] transforms =
        [
            new()
            {
                RenameKey = new() { From = "user", To = "username" },
            },
            new()
            {
                RenameKey = new() { From = "not-there", To = "username" },
            },
            new() { AddKeysFrom = new() { SecretRef = new() { Name = "more" } } },
            new()
            {
                AddKey = new()
                {
                    Key = "password",
                    Value = Convert.ToBase64String("b64"u8),
                    StringValue = "text wins",
                },
            },
            new()
            {
                AddKey = new() { Key = "bytes", Value = Convert.ToBase64String("b64"u8) },
            },
            new() { RemoveKey = new() { Key = "junk" } },
        ];

        var result = await SecretTransforms.ApplyAsync(data, transforms, name =>
        {
            Assert.Equal("more", name);
            return Task.FromResult<IReadOnlyDictionary<string, byte[]>>(Data(("pw", "two"), ("extra", "y")));
        });

        Assert.Equal(
            ["bytes=b64", "extra=y", "password=text wins", "pw=two", "username=app"],
            result.Select(pair => $"{pair.Key}={Encoding.UTF8.GetString(pair.Value)}").Order()
        );
        Assert.Equal(3, data.Count);
    }

    [Fact]
    public async Task A_transform_that_says_nothing_or_is_no_base64_is_refused()
    {
        await Assert.ThrowsAsync<StepFailedException>(() =>
            SecretTransforms.ApplyAsync(Data(), [new()], _ =>
                Task.FromResult<IReadOnlyDictionary<string, byte[]>>(Data())
            )
        );
        await Assert.ThrowsAsync<StepFailedException>(() =>
            SecretTransforms.ApplyAsync(
                Data(),
                [
                    new()
                    {
                        AddKey = new() { Key = "k", Value = "%%%" },
                    },
                ],
                _ => Task.FromResult<IReadOnlyDictionary<string, byte[]>>(Data())
            )
        );
    }

    private static Dictionary<string, byte[]> Data(params (string Key, string Value)[] pairs) =>
        pairs.ToDictionary(pair => pair.Key, pair => Encoding.UTF8.GetBytes(pair.Value));
}
