using System.Text.Json;
using FluentValidation;
using Granary.Api.AppCatalog.V1Alpha1;
using Granary.Api.Common;
using Granary.Api.Names;

namespace Granary.Api.Validation;

/// <summary>Rules for AppBindings of any application: what could not work for any of them.</summary>
public sealed class AppBindingValidator : ResourceValidator<AppBinding>
{
    public AppBindingValidator()
    {
        RuleFor(binding => binding.Spec.ClientConfig).SetValidator(new ClientConfigValidator());
        RuleForEach(binding => binding.Spec.SecretTransforms).SetValidator(new SecretTransformValidator());
        When(
            binding => binding.Spec.Secret is not null,
            () => RuleFor(binding => binding.Spec.Secret!.Name).Given("name of the Secret").ObjectName()
        );
        When(
            binding => binding.Spec.TlsSecret is not null,
            () => RuleFor(binding => binding.Spec.TlsSecret!.Name).Given("name of the Secret").ObjectName()
        );
        RuleFor(binding => binding).Custom(CheckAddon);
    }

    // The parameters may be of any kind and shape; only those that Tasks would get are looked at.
    private static void CheckAddon(AppBinding binding, ValidationContext<AppBinding> context)
    {
        const string Place = "spec.parameters.stash.addon";
        try
        {
            var addon = StashAddon.Of(binding);
            Check(addon?.BackupTask, $"{Place}.backupTask");
            Check(addon?.RestoreTask, $"{Place}.restoreTask");
        }
        catch (JsonException)
        {
            // Somebody else's shape. A configuration that uses such an AppBinding says so.
        }

        void Check(TaskRef? task, string place)
        {
            foreach (var (index, parameter) in (task?.Params ?? []).Index())
            {
                if (BuiltInVariables.IsReserved(parameter.Name))
                {
                    context.AddFailure(
                        $"{place}.params[{index}].name",
                        $"Forbidden: {BuiltInVariables.Refusal(parameter.Name)}"
                    );
                }
            }
        }
    }
}

/// <summary>Rules for addresses.</summary>
internal sealed class ClientConfigValidator : AbstractValidator<ClientConfig>
{
    public ClientConfigValidator()
    {
        RuleFor(config => config)
            .Must(config => config.Service is not null || !string.IsNullOrEmpty(config.Url))
            .WithMessage("Required value: service or url");
        When(
            config => config.Service is not null,
            () =>
            {
                RuleFor(config => config.Service!.Name).Given("name of the service").ObjectName();
                RuleFor(config => config.Service!.Namespace).NamespaceName();
                RuleFor(config => config.Service!.Port)
                    .InclusiveBetween(0, 65535)
                    .WithMessage("Invalid value: {PropertyValue}: must be from 0 (the default port) to 65535");
            }
        );

        // The value may hold credentials, so it is not repeated.
        When(
            config => config.Service is null && !string.IsNullOrEmpty(config.Url),
            () =>
                RuleFor(config => config.Url)
                    .Must(url => Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Host.Length > 0)
                    .WithMessage("Invalid value: must be a URL with a host")
        );
        RuleFor(config => config.CaBundle)
            .Must(IsBase64)
            .WithMessage("Invalid value: must be base64 of PEM certificates");
    }

    /// <summary>Whether text is absent or base64; line breaks are allowed, as in YAML blocks.</summary>
    internal static bool IsBase64(string? text) =>
        string.IsNullOrEmpty(text) || Convert.TryFromBase64String(text, new byte[text.Length], out _);
}

/// <summary>Rules for changes to a Secret's data.</summary>
internal sealed class SecretTransformValidator : AbstractValidator<SecretTransform>
{
    public SecretTransformValidator()
    {
        RuleFor(transform => transform)
            .Must(transform =>
                new object?[]
                {
                    transform.RenameKey,
                    transform.AddKey,
                    transform.AddKeysFrom,
                    transform.RemoveKey,
                }.Count(change => change is not null) == 1
            )
            .WithMessage("Invalid value: exactly one of renameKey, addKey, addKeysFrom and removeKey is to be given");
        When(
            transform => transform.AddKey is not null,
            () =>
                RuleFor(transform => transform.AddKey!.Value)
                    .Must(ClientConfigValidator.IsBase64)
                    .WithMessage("Invalid value: must be base64")
        );
        When(
            transform => transform.AddKeysFrom is not null,
            () =>
            {
                RuleFor(transform => transform.AddKeysFrom!.SecretRef)
                    .Must(secret => !string.IsNullOrEmpty(secret?.Name))
                    .WithMessage("Required value: name of the Secret");
                When(
                    transform => transform.AddKeysFrom!.SecretRef is not null,
                    () => RuleFor(transform => transform.AddKeysFrom!.SecretRef!.Name).ObjectName()
                );
            }
        );
    }
}
