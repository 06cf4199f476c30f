using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using KubeOps.Abstractions.Certificates;

namespace KubeOps.Operator.Web.Certificates;

/// <summary>Makes an authority and a server certificate signed by it, in memory.</summary>
/// <remarks>ECDSA P-256, valid for five years. Nothing rotates them.</remarks>
public sealed class CertificateGenerator : ICertificateProvider
{
    private const int Years = 5;
    private const int SerialLength = 16;

    // A machine whose clock is a little behind must accept the certificate too.
    private static readonly TimeSpan ClockSkew = TimeSpan.FromDays(1);

    private readonly string _serverName;
    private readonly string? _serverNamespace;
    private readonly TimeProvider _time;
    private readonly Lazy<CertificatePair> _root;
    private readonly Lazy<CertificatePair> _server;

    /// <summary>For a server that is reached by this name or address.</summary>
    public CertificateGenerator(string serverName)
        : this(serverName, null, TimeProvider.System) { }

    /// <summary>For a Service: <c>name.namespace.svc</c> and <c>*.namespace.svc</c>.</summary>
    public CertificateGenerator(string serverName, string serverNamespace)
        : this(serverName, serverNamespace, TimeProvider.System) { }

    internal CertificateGenerator(string serverName, string? serverNamespace, TimeProvider time)
    {
        _serverName = serverName;
        _serverNamespace = serverNamespace;
        _time = time;
        _root = new Lazy<CertificatePair>(MakeRoot);
        _server = new Lazy<CertificatePair>(MakeServer);
    }

    /// <inheritdoc />
    public CertificatePair Root => _root.Value;

    /// <inheritdoc />
    public CertificatePair Server => _server.Value;

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var pair in new[] { _root, _server }.Where(pair => pair.IsValueCreated).Select(pair => pair.Value))
        {
            pair.Certificate.Dispose();
            pair.Key.Dispose();
        }
    }

    private CertificatePair MakeRoot()
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Operator Root CA, C=DEV, L=Kubernetes", key, HashAlgorithmName.SHA512);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(
            new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true)
        );
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        var now = _time.GetUtcNow();
        return new CertificatePair(request.CreateSelfSigned(now - ClockSkew, now.AddYears(Years)), key);
    }

    private CertificatePair MakeServer()
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Operator Service, C=DEV, L=Kubernetes", key, HashAlgorithmName.SHA512);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, false));
        request.CertificateExtensions.Add(
            new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true)
        );
        request.CertificateExtensions.Add(
            new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], critical: false)
        );
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        request.CertificateExtensions.Add(
            X509AuthorityKeyIdentifierExtension.CreateFromCertificate(Root.Certificate, true, false)
        );
        request.CertificateExtensions.Add(Names());
        var certificate = request.Create(
            Root.Certificate,
            new DateTimeOffset(Root.Certificate.NotBefore),
            new DateTimeOffset(Root.Certificate.NotAfter),
            RandomNumberGenerator.GetBytes(SerialLength)
        );
        return new CertificatePair(certificate, key);
    }

    private X509Extension Names()
    {
        var names = new SubjectAlternativeNameBuilder();
        if (_serverNamespace is not null)
        {
            names.AddDnsName($"{_serverName}.{_serverNamespace}.svc");
            names.AddDnsName($"*.{_serverNamespace}.svc");
        }
        else if (IPAddress.TryParse(_serverName, out var address))
        {
            names.AddIpAddress(address);
        }
        else
        {
            names.AddDnsName(_serverName);
        }

        return names.Build();
    }
}
