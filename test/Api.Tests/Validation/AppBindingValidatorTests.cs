using System.Text.Json;
using Granary.Api.AppCatalog.V1Alpha1;
using Granary.Api.Validation;

namespace Granary.Api.Tests.Validation;

public sealed class AppBindingValidatorTests
{
    public static TheoryData<string, Action<AppBinding>> Spoilt =>
        new()
        {
            { "spec.clientConfig: Required value: service or url", a => a.Spec.ClientConfig.Service = null },
            {
                "spec.clientConfig.service.port: Invalid value: 70000: must be from 0 (the default port) to 65535",
                a => a.Spec.ClientConfig.Service!.Port = 70000
            },
            {
                "spec.clientConfig.service.name: Required value: name of the service",
                a => a.Spec.ClientConfig.Service!.Name = ""
            },
            {
                "spec.clientConfig.url: Invalid value: must be a URL with a host",
                a => (a.Spec.ClientConfig.Service, a.Spec.ClientConfig.Url) = (null, "user:secret@host")
            },
            {
                "spec.clientConfig.caBundle: Invalid value: must be base64 of PEM certificates",
                a => a.Spec.ClientConfig.CaBundle = "-----BEGIN CERTIFICATE-----"
            },
            { "spec.secret.name: Required value: name of the Secret", a => a.Spec.Secret!.Name = "" },
            { "spec.tlsSecret.name: Required value: name of the Secret", a => a.Spec.TlsSecret = new() },
            {
                "spec.secretTransforms[1]: Invalid value: exactly one of renameKey, addKey, addKeysFrom and "
                    + "removeKey is to be given",
                a => a.Spec.SecretTransforms = [new() { RemoveKey = new() { Key = "a" } }, new()]
            },
            {
                "spec.secretTransforms[0].addKey.value: Invalid value: must be base64",
                a =>
                    a.Spec.SecretTransforms = [
                        new()
                        {
                            AddKey = new() { Key = "a", Value = "not base64" },
                        },
                    ]
            },
            {
                "spec.parameters.stash.addon.restoreTask.params[0].name: Forbidden: \"REPOSITORY_BUCKET\" is set by "
                    + "the operator and cannot be a parameter's name",
                a =>
                    a.Spec.Parameters = JsonSerializer.Deserialize<JsonElement>(
                        """
                        {"stash": {"addon": {"restoreTask": {
                          "name": "t", "params": [{"name": "REPOSITORY_BUCKET", "value": "theirs"}]}}}}
                        """
                    )
            },
            {
                "spec.secretTransforms[0].addKeysFrom.secretRef: Required value: name of the Secret",
                a => a.Spec.SecretTransforms = [new() { AddKeysFrom = new() }]
            },
        };

    [Theory]
    [MemberData(nameof(Spoilt), DisableDiscoveryEnumeration = true)]
    public void What_cannot_work_is_refused_by_field(string expected, Action<AppBinding> spoil)
    {
        var binding = Samples.AppBinding();

        spoil(binding);

        Assert.Equal(expected, AdmissionRules.Create(binding).Describe());
    }

    [Fact]
    public void A_message_never_repeats_a_URL_that_may_hold_a_password()
    {
        var binding = Samples.AppBinding();
        (binding.Spec.ClientConfig.Service, binding.Spec.ClientConfig.Url) = (null, "//admin:hunter2@");

        Assert.DoesNotContain("hunter2", AdmissionRules.Create(binding).Describe(), StringComparison.Ordinal);
    }

    [Fact]
    public void Documented_addresses_are_accepted()
    {
        ClientConfig[] configs =
        [
            new()
            {
                Service = new()
                {
                    Scheme = "postgresql",
                    Name = "pg",
                    Port = 5432,
                    Path = "/",
                    Query = "sslmode=disable",
                },
            },
            new() { Url = "postgresql://pg.example.com:5432/db?sslmode=require", CaBundle = "LS0t\nLS0=" },
            new()
            {
                Url = "postgresql://pg.example.com",
                Service = new() { Scheme = "postgresql", Name = "pg" },
            },
        ];

        Assert.All(configs, config =>
        {
            var binding = Samples.AppBinding();
            binding.Spec.ClientConfig = config;
            Assert.Equal("", AdmissionRules.Create(binding).Describe());
        });
    }
}
