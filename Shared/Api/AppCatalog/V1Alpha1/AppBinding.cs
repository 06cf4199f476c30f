using Granary.Api.Common;
using Granary.Api.Names;
using k8s.Models;
using KubeOps.Abstractions.Entities;
using KubeOps.Abstractions.Entities.Attributes;

namespace Granary.Api.AppCatalog.V1Alpha1;

/// <summary>How to reach an application: its address, credentials and certificates.</summary>
[KubernetesEntity(
    Group = "appcatalog.appscode.com",
    ApiVersion = "v1alpha1",
    Kind = "AppBinding",
    PluralName = "appbindings"
)]
[GenericAdditionalPrinterColumn(".spec.type", "Type", "string")]
[GenericAdditionalPrinterColumn(".spec.version", "Version", "string")]
[GenericAdditionalPrinterColumn(".metadata.creationTimestamp", "Age", "date")]
public partial class AppBinding : CustomKubernetesEntity<AppBindingSpec> { }

/// <summary>How to reach an application.</summary>
public sealed class AppBindingSpec
{
    /// <summary>What kind of application it is, as <c>group/resource</c> such as <c>kubedb.com/postgres</c>.</summary>
    public string? Type { get; set; }

    /// <summary>Version of the application.</summary>
    public string? Version { get; set; }

    /// <summary>The object that manages the application; informational.</summary>
    public TypedObjectReference? AppRef { get; set; }

    /// <summary>The application's address.</summary>
    [Required]
    public ClientConfig ClientConfig { get; set; } = new();

    /// <summary>Secret of this namespace with the credentials.</summary>
    [XMapType(XMapType.Atomic)]
    public SecretReference? Secret { get; set; }

    /// <summary>Secret of this namespace with a client certificate.</summary>
    [XMapType(XMapType.Atomic)]
    public SecretReference? TlsSecret { get; set; }

    /// <summary>Changes to a copy of the Secret's data, in this order, before it is used.</summary>
    public List<SecretTransform>? SecretTransforms { get; set; }

    /// <summary>Free-form parameters; <see cref="StashAddon"/> reads those that concern backups.</summary>
    public object? Parameters { get; set; }
}

/// <summary>
/// An application's address: a service of the cluster or a URL. The service wins when both are given.
/// </summary>
public sealed class ClientConfig
{
    /// <summary>URL of an application that may be outside of the cluster.</summary>
    public string? Url { get; set; }

    /// <summary>Service of the application.</summary>
    public ServiceReference? Service { get; set; }

    /// <summary>Whether the server's certificate is accepted unverified.</summary>
    public bool InsecureSkipTLSVerify { get; set; }

    /// <summary>Certificates to verify the server's with: PEM in base64.</summary>
    [Format("byte")]
    public string? CaBundle { get; set; }

    /// <summary>Name to expect in the server's certificate.</summary>
    public string? ServerName { get; set; }
}

/// <summary>A service of the cluster.</summary>
public sealed class ServiceReference
{
    /// <summary>Scheme of the address, such as <c>postgresql</c>.</summary>
    [Required]
    public string Scheme { get; set; } = string.Empty;

    /// <summary>Namespace of the service; the AppBinding's when absent.</summary>
    [Pattern(DnsName.LabelPattern), Length(maxLength: DnsName.MaxLabel)]
    public string? Namespace { get; set; }

    /// <summary>Name of the service.</summary>
    [Required]
    [Pattern(DnsName.SubdomainPattern), Length(maxLength: DnsName.MaxSubdomain)]
    public string Name { get; set; } = string.Empty;

    /// <summary>Port of the service.</summary>
    [Required]
    public int Port { get; set; }

    /// <summary>Path of the address.</summary>
    public string? Path { get; set; }

    /// <summary>Query of the address, such as <c>sslmode=disable</c>.</summary>
    public string? Query { get; set; }
}

/// <summary>Names a Secret of the AppBinding's namespace.</summary>
public sealed class SecretReference
{
    /// <summary>API group; empty for Secrets.</summary>
    [DefaultValue("")]
    public string? ApiGroup { get; set; }

    /// <summary>Kind; Secret.</summary>
    [DefaultValue("Secret")]
    [Pattern(DnsName.KindPattern), Length(maxLength: DnsName.MaxLabel)]
    public string? Kind { get; set; }

    /// <summary>Name of the Secret.</summary>
    [Required]
    [Pattern(DnsName.SubdomainPattern), Length(maxLength: DnsName.MaxSubdomain)]
    public string Name { get; set; } = string.Empty;
}

/// <summary>One change to a Secret's data. Exactly one of the members is to be given.</summary>
public sealed class SecretTransform
{
    /// <summary>Moves a key, if it is there.</summary>
    public RenameKeyTransform? RenameKey { get; set; }

    /// <summary>Sets a key.</summary>
    public AddKeyTransform? AddKey { get; set; }

    /// <summary>Merges another Secret over the data.</summary>
    public AddKeysFromTransform? AddKeysFrom { get; set; }

    /// <summary>Removes a key.</summary>
    public RemoveKeyTransform? RemoveKey { get; set; }
}

/// <summary>Moves a key.</summary>
public sealed class RenameKeyTransform
{
    /// <summary>The key as it is.</summary>
    [Required]
    public string From { get; set; } = string.Empty;

    /// <summary>The key as it shall be.</summary>
    [Required]
    public string To { get; set; } = string.Empty;
}

/// <summary>Sets a key.</summary>
public sealed class AddKeyTransform
{
    /// <summary>The key.</summary>
    [Required]
    public string Key { get; set; } = string.Empty;

    /// <summary>Its value in base64.</summary>
    [Format("byte")]
    public string? Value { get; set; }

    /// <summary>Its value as text; wins over <c>value</c>.</summary>
    public string? StringValue { get; set; }
}

/// <summary>Merges another Secret over the data.</summary>
public sealed class AddKeysFromTransform
{
    /// <summary>Secret of the AppBinding's namespace.</summary>
    public V1LocalObjectReference? SecretRef { get; set; }
}

/// <summary>Removes a key.</summary>
public sealed class RemoveKeyTransform
{
    /// <summary>The key.</summary>
    [Required]
    public string Key { get; set; } = string.Empty;
}
