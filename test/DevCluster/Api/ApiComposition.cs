using Granary.DevCluster.Api.Admission;
using Granary.DevCluster.Api.Admission.Webhooks;
using Granary.DevCluster.Api.Authentication;
using Granary.DevCluster.Api.Authorization;
using Granary.DevCluster.Api.Bootstrap;
using Granary.DevCluster.Api.Discovery;
using Granary.DevCluster.Api.OpenApi;
using Granary.DevCluster.Api.Patching;
using Granary.DevCluster.Api.Reading;
using Granary.DevCluster.Api.Resources;
using Granary.DevCluster.Api.Routing;
using Granary.DevCluster.Api.Storage;
using Granary.DevCluster.Api.Subresources;
using Granary.DevCluster.Api.Tables;
using Granary.DevCluster.Api.Watching;
using Granary.DevCluster.Api.Writing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Granary.DevCluster.Api;

/// <summary>Puts the parts of the server together.</summary>
internal sealed class ApiComposition : IDisposable
{
    private readonly string _authorityPem;
    private readonly PodLog _logs;
    private readonly WebhookClient _webhooks = new();

    public ApiComposition(ApiServerOptions options, string authorityPem, string adminToken, CancellationToken lifetime)
    {
        _authorityPem = authorityPem;
        AdminToken = adminToken;
        Core = new ApiCore(new ObjectStore(options.WatchWindow), new ResourceCatalog(), options.Clock);
        Tokens = new TokenIssuer(Core);
        _logs = new PodLog(Core);
        var rules = new RbacRules(Core.Store);
        var authorizer = new Authorizer(rules);
        var authenticator = new Authenticator(adminToken, Tokens);
        var admission = new AdmissionChain([
            new NamespaceLifecycle(Core),
            new PrivilegeEscalation(authorizer, rules),
            new PodAdmission(Core),
            new PodSecurityAdmission(Core),
            new WebhookAdmission(Core, _webhooks),
        ]);
        var reader = new ObjectReader(Core);
        var creator = new ObjectCreator(Core, admission);
        var updater = new ObjectUpdater(Core, admission);
        var deleter = new ObjectDeleter(Core, admission);
        var patcher = new PatchHandler(Core, creator, updater);
        var watcher = new WatchStreamer(Core, reader);
        var tables = new TableMaker(options.Clock);
        var handler = new ResourceHandler(reader, creator, updater, deleter, patcher, watcher, tables, lifetime);
        var discovery = new DiscoveryHandler(Core.Catalog, new OpenApiDocuments(Core.Catalog), () =>
            Address?.Authority ?? string.Empty
        );
        var logger = (options.Logging ?? NullLoggerFactory.Instance).CreateLogger("Granary.DevCluster.Api");
        Router = new Router(
            Core,
            authenticator,
            authorizer,
            discovery,
            handler,
            Special(authenticator, authorizer, rules, reader, updater, deleter),
            logger
        );
    }

    public ApiCore Core { get; }

    public TokenIssuer Tokens { get; }

    public Router Router { get; }

    public string AdminToken { get; }

    /// <summary>Known once the server listens.</summary>
    public Uri? Address { get; set; }

    /// <summary>Fills the empty cluster.</summary>
    public void Begin()
    {
        var contents = new NamespaceContents(Core, _authorityPem);
        var definitions = new CustomResourceDefinitions(Core);
        var aggregation = new ClusterRoleAggregation(Core.Store);
        Core.Store.Stored += contents.OnStored;
        Core.Store.Stored += definitions.OnStored;
        Core.Store.Stored += aggregation.OnStored;
        InitialObjects.Create(Core, Address!);
        InitialRoles.Create(Core);
    }

    public void Dispose()
    {
        _logs.Dispose();
        _webhooks.Dispose();
        Tokens.Dispose();
    }

    /// <summary>What is handled in a way of its own: parts of objects, and resources that are not stored.</summary>
    private Dictionary<string, ISubresourceHandler> Special(
        Authenticator authenticator,
        Authorizer authorizer,
        RbacRules rules,
        ObjectReader reader,
        ObjectUpdater updater,
        ObjectDeleter deleter
    )
    {
        var binding = new PodBinding(Core);
        return new(StringComparer.Ordinal)
        {
            ["bindings"] = binding,
            ["pods/binding"] = binding,
            ["pods/eviction"] = new PodEviction(deleter),
            ["pods/log"] = _logs,
            ["serviceaccounts/token"] = new ServiceAccountToken(Core, Tokens),
            ["*/scale"] = new ScaleSubresource(reader, updater),
            ["tokenreviews"] = new TokenReviews(authenticator),
            ["selfsubjectreviews"] = new SelfSubjectReviews(),
            ["selfsubjectaccessreviews"] = new AccessReviews(authorizer, ReviewedSubject.Self),
            ["subjectaccessreviews"] = new AccessReviews(authorizer, ReviewedSubject.Named),
            ["localsubjectaccessreviews"] = new AccessReviews(authorizer, ReviewedSubject.NamedInNamespace),
            ["selfsubjectrulesreviews"] = new RulesReviews(rules),
        };
    }
}
