using k8s.Models;
using KubeOps.Abstractions.Entities.Attributes;

namespace Granary.Api.Common;

/// <summary>A repository on a volume that is mounted into the Jobs. Exactly one volume source is to be given.</summary>
public sealed class LocalBackend
{
    /// <summary>Where the volume is mounted, and thereby where the repository is.</summary>
    [Required]
    public string MountPath { get; set; } = string.Empty;

    /// <summary>Folder of the volume that is mounted instead of its root.</summary>
    public string? SubPath { get; set; }

    public V1GCEPersistentDiskVolumeSource? GcePersistentDisk { get; set; }

    public V1AWSElasticBlockStoreVolumeSource? AwsElasticBlockStore { get; set; }

    public V1HostPathVolumeSource? HostPath { get; set; }

    public V1EmptyDirVolumeSource? EmptyDir { get; set; }

    public V1GitRepoVolumeSource? GitRepo { get; set; }

    public V1SecretVolumeSource? Secret { get; set; }

    public V1NFSVolumeSource? Nfs { get; set; }

    public V1ISCSIVolumeSource? Iscsi { get; set; }

    public V1GlusterfsVolumeSource? Glusterfs { get; set; }

    public V1PersistentVolumeClaimVolumeSource? PersistentVolumeClaim { get; set; }

    public V1RBDVolumeSource? Rbd { get; set; }

    public V1FlexVolumeSource? FlexVolume { get; set; }

    public V1CinderVolumeSource? Cinder { get; set; }

    public V1CephFSVolumeSource? Cephfs { get; set; }

    public V1FlockerVolumeSource? Flocker { get; set; }

    public V1DownwardAPIVolumeSource? DownwardAPI { get; set; }

    public V1FCVolumeSource? Fc { get; set; }

    public V1AzureFileVolumeSource? AzureFile { get; set; }

    public V1ConfigMapVolumeSource? ConfigMap { get; set; }

    public V1VsphereVirtualDiskVolumeSource? VsphereVolume { get; set; }

    public V1QuobyteVolumeSource? Quobyte { get; set; }

    public V1AzureDiskVolumeSource? AzureDisk { get; set; }

    public V1PhotonPersistentDiskVolumeSource? PhotonPersistentDisk { get; set; }

    public V1ProjectedVolumeSource? Projected { get; set; }

    public V1PortworxVolumeSource? PortworxVolume { get; set; }

    public V1ScaleIOVolumeSource? ScaleIO { get; set; }

    public V1StorageOSVolumeSource? Storageos { get; set; }

    public V1CSIVolumeSource? Csi { get; set; }

    public V1EphemeralVolumeSource? Ephemeral { get; set; }

    public V1ImageVolumeSource? Image { get; set; }

    /// <summary>The volume to add to a pod.</summary>
    /// <param name="volumeName">Name of the volume within the pod.</param>
    public V1Volume ToVolume(string volumeName) =>
        new()
        {
            Name = volumeName,
            AwsElasticBlockStore = AwsElasticBlockStore,
            AzureDisk = AzureDisk,
            AzureFile = AzureFile,
            Cephfs = Cephfs,
            Cinder = Cinder,
            ConfigMap = ConfigMap,
            Csi = Csi,
            DownwardAPI = DownwardAPI,
            EmptyDir = EmptyDir,
            Ephemeral = Ephemeral,
            Fc = Fc,
            FlexVolume = FlexVolume,
            Flocker = Flocker,
            GcePersistentDisk = GcePersistentDisk,
            GitRepo = GitRepo,
            Glusterfs = Glusterfs,
            HostPath = HostPath,
            Image = Image,
            Iscsi = Iscsi,
            Nfs = Nfs,
            PersistentVolumeClaim = PersistentVolumeClaim,
            PhotonPersistentDisk = PhotonPersistentDisk,
            PortworxVolume = PortworxVolume,
            Projected = Projected,
            Quobyte = Quobyte,
            Rbd = Rbd,
            ScaleIO = ScaleIO,
            Secret = Secret,
            Storageos = Storageos,
            VsphereVolume = VsphereVolume,
        };
}
