using Granary.Api.Common;
using Granary.Api.Stash.V1Alpha1;
using Granary.Api.Validation;

namespace Granary.Api.Tests.Validation;

public sealed class RepositoryValidatorTests
{
    public static TheoryData<string, Action<Repository>> Spoilt =>
        new()
        {
            { "spec.backend: Required value: says where the data is stored", r => r.Spec.Backend = null },
            {
                "spec.backend: Required value: exactly one of local, s3, gcs, azure, swift, b2 and rest",
                r => r.Spec.Backend!.S3 = null
            },
            {
                "spec.backend: Forbidden: exactly one backend may be given, found s3, gcs",
                r => r.Spec.Backend!.Gcs = new() { Bucket = "b" }
            },
            {
                "spec.backend.storageSecretName: Required value: the Secret that holds RESTIC_PASSWORD and the "
                    + "provider's keys",
                r => r.Spec.Backend!.StorageSecretName = ""
            },
            { "spec.backend.s3.bucket: Required value: name of the bucket", r => r.Spec.Backend!.S3!.Bucket = " " },
            {
                "spec.backend.s3.endpoint: Required value: host or URL of the service",
                r => r.Spec.Backend!.S3!.Endpoint = ""
            },
            {
                "spec.backend.gcs.maxConnections: Invalid value: -1: must not be negative",
                r =>
                    Use(
                        r,
                        new()
                        {
                            Gcs = new() { Bucket = "b", MaxConnections = -1 },
                        }
                    )
            },
            {
                "spec.backend.azure.container: Required value: name of the container",
                r => Use(r, new() { Azure = new() })
            },
            { "spec.backend.b2.bucket: Required value: name of the bucket", r => Use(r, new() { B2 = new() }) },
            {
                "spec.backend.swift.container: Required value: name of the container",
                r => Use(r, new() { Swift = new() })
            },
            {
                "spec.backend.rest.url: Invalid value: must be an http or https URL",
                r => Use(r, new() { Rest = new() })
            },
            {
                "spec.backend.rest.url: Invalid value: must be an http or https URL",
                r => Use(r, new() { Rest = new() { Url = "rest-server:8000" } })
            },
            {
                "spec.backend.local.mountPath: Invalid value: \"/stash\": /stash and below is reserved",
                r => Use(r, new() { Local = new() { MountPath = "/stash" } })
            },
            {
                "spec.backend.local.mountPath: Invalid value: \"/safe/../stash/x\": /stash and below is reserved",
                r => Use(r, new() { Local = new() { MountPath = "/safe/../stash/x" } })
            },
            {
                "spec.backend.local.mountPath: Invalid value: \"safe\": must be an absolute path",
                r => Use(r, new() { Local = new() { MountPath = "safe" } })
            },
            {
                "spec.wipeOut: Invalid value: true: data on a local backend cannot be wiped out",
                r =>
                {
                    Use(r, new() { Local = new() { MountPath = "/safe" } });
                    r.Spec.WipeOut = true;
                }
            },
            {
                "spec.wipeOut: Invalid value: true: data on a b2 backend cannot be wiped out",
                r =>
                {
                    Use(r, new() { B2 = new() { Bucket = "b" } });
                    r.Spec.WipeOut = true;
                }
            },
        };

    [Theory]
    [MemberData(nameof(Spoilt), DisableDiscoveryEnumeration = true)]
    public void What_cannot_work_is_refused_by_field(string expected, Action<Repository> spoil)
    {
        var repository = Samples.Repository();

        spoil(repository);

        Assert.Equal(expected, AdmissionRules.Create(repository).Describe());
    }

    [Fact]
    public void Every_backend_is_accepted_alone()
    {
        Backend[] backends =
        [
            new()
            {
                Local = new()
                {
                    MountPath = "/stashed",
                    HostPath = new() { Path = "/data" },
                },
            },
            new()
            {
                Gcs = new()
                {
                    Bucket = "b",
                    Prefix = "/p",
                    MaxConnections = 0,
                },
            },
            new() { Azure = new() { Container = "c" } },
            new() { Swift = new() { Container = "c" } },
            new() { B2 = new() { Bucket = "b" } },
            new() { Rest = new() { Url = "https://rest-server:8000/repo" } },
        ];

        Assert.Equal("", AdmissionRules.Create(Samples.Repository()).Describe());
        Assert.All(backends, backend =>
        {
            var repository = Samples.Repository();
            Use(repository, backend);
            Assert.Equal("", AdmissionRules.Create(repository).Describe());
        });
    }

    [Fact]
    public void A_stored_repository_can_be_wiped_out_where_objects_are_deleted_one_by_one()
    {
        var repository = Samples.Repository();

        repository.Spec.WipeOut = true;

        Assert.Equal("", AdmissionRules.Create(repository).Describe());
    }

    [Fact]
    public void An_object_admitted_under_older_rules_stays_editable_until_its_spec_changes()
    {
        var (old, changed) = (Samples.Repository(), Samples.Repository());
        old.Spec.Backend!.StorageSecretName = changed.Spec.Backend!.StorageSecretName = null;
        changed.Metadata.Labels = new Dictionary<string, string> { ["team"] = "db" };

        Assert.Equal("", AdmissionRules.Update(old, changed).Describe());

        changed.Spec.Backend.S3!.Region = "eu-central-1";
        Assert.StartsWith(
            "spec.backend.storageSecretName",
            AdmissionRules.Update(old, changed).Describe(),
            StringComparison.Ordinal
        );

        changed.Metadata.DeletionTimestamp = DateTime.UnixEpoch;
        Assert.Equal("", AdmissionRules.Update(old, changed).Describe());
    }

    private static void Use(Repository repository, Backend backend)
    {
        backend.StorageSecretName = "secret";
        repository.Spec.Backend = backend;
    }
}
