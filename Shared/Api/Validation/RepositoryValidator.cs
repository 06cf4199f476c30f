using FluentValidation;
using Granary.Api.Common;
using Granary.Api.Stash.V1Alpha1;

namespace Granary.Api.Validation;

/// <summary>Rules for Repositories.</summary>
public sealed class RepositoryValidator : ResourceValidator<Repository>
{
    public RepositoryValidator()
    {
        RuleFor(repository => repository.Spec.Backend)
            .NotNull()
            .WithMessage("Required value: says where the data is stored")
            .SetValidator(new BackendValidator()!);

        RuleFor(repository => repository.Spec.WipeOut)
            .Must((repository, wipeOut) => !wipeOut || repository.Spec.Backend?.Local is null)
            .WithMessage("Invalid value: true: data on a local backend cannot be wiped out")
            .Must((repository, wipeOut) => !wipeOut || repository.Spec.Backend?.B2 is null)
            .WithMessage("Invalid value: true: data on a b2 backend cannot be wiped out");
    }
}

/// <summary>Rules for backends.</summary>
internal sealed class BackendValidator : AbstractValidator<Backend>
{
    /// <summary>Where the programs have files of their own.</summary>
    private const string ReservedDirectory = "/stash";

    public BackendValidator()
    {
        RuleFor(backend => backend)
            .Custom(
                (backend, context) =>
                {
                    switch (backend.GivenProviders())
                    {
                        case []:
                            context.AddFailure(
                                "Required value: exactly one of local, s3, gcs, azure, swift, b2 and rest"
                            );
                            break;
                        case [_]:
                            break;
                        case var several:
                            context.AddFailure(
                                $"Forbidden: exactly one backend may be given, found {string.Join(", ", several)}"
                            );
                            break;
                    }
                }
            );

        RuleFor(backend => backend.StorageSecretName)
            .Given("the Secret that holds RESTIC_PASSWORD and the provider's keys")
            .ObjectName();

        When(
            backend => backend.Local is not null,
            () =>
                RuleFor(backend => backend.Local!.MountPath)
                    .Must(path => path.StartsWith('/'))
                    .WithMessage("Invalid value: \"{PropertyValue}\": must be an absolute path")
                    .Must(path => !IsReserved(path))
                    .WithMessage("Invalid value: \"{PropertyValue}\": /stash and below is reserved")
        );

        When(
            backend => backend.S3 is not null,
            () =>
            {
                RuleFor(backend => backend.S3!.Endpoint).Given("host or URL of the service");
                RuleFor(backend => backend.S3!.Bucket).Given("name of the bucket");
            }
        );

        When(
            backend => backend.Gcs is not null,
            () =>
            {
                RuleFor(backend => backend.Gcs!.Bucket).Given("name of the bucket");
                RuleFor(backend => backend.Gcs!.MaxConnections).NotNegative();
            }
        );

        When(
            backend => backend.Azure is not null,
            () =>
            {
                RuleFor(backend => backend.Azure!.Container).Given("name of the container");
                RuleFor(backend => backend.Azure!.MaxConnections).NotNegative();
            }
        );

        When(
            backend => backend.Swift is not null,
            () => RuleFor(backend => backend.Swift!.Container).Given("name of the container")
        );

        When(
            backend => backend.B2 is not null,
            () =>
            {
                RuleFor(backend => backend.B2!.Bucket).Given("name of the bucket");
                RuleFor(backend => backend.B2!.MaxConnections).NotNegative();
            }
        );

        When(
            backend => backend.Rest is not null,
            () =>
                RuleFor(backend => backend.Rest!.Url)
                    .Must(url => Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Scheme is ("http" or "https"))
                    .WithMessage("Invalid value: must be an http or https URL")
        );
    }

    private static bool IsReserved(string path)
    {
        var clean = Path.GetFullPath("/" + path);
        return clean == ReservedDirectory || clean.StartsWith(ReservedDirectory + "/", StringComparison.Ordinal);
    }
}
