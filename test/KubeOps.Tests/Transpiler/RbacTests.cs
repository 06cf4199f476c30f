using k8s.Models;
using KubeOps.Abstractions.Rbac;
using KubeOps.Tests.Cluster;

namespace KubeOps.Tests.Transpiler;

public sealed class RbacTests
{
    [Fact]
    public void Verbs_of_an_entity_add_up_and_entities_with_equal_verbs_share_a_rule()
    {
        var rules = Transpiled.Rules<Shared>();

        Assert.Equal(
            [
                (string.Empty, "configmaps,secrets", "get,list"),
                ("kubeops.test", "widgets", "get,list,watch,create,update,patch,delete"),
                ("kubeops.test", "widgets/status", "get,update,patch"),
            ],
            rules.Select(r => (r.ApiGroups[0], string.Join(',', r.Resources), string.Join(',', r.Verbs)))
        );
    }

    [Fact]
    public void A_generic_attribute_is_one_rule()
    {
        var rule = Assert.Single(Transpiled.Rules<Generic>());

        Assert.Equal(["batch"], rule.ApiGroups);
        Assert.Equal(["jobs", "cronjobs"], rule.Resources);
        Assert.Equal(["/metrics"], rule.NonResourceURLs);
        Assert.Equal(["*"], rule.Verbs);
    }

    [Fact]
    public void Built_in_resources_with_a_status_get_its_rule_too() =>
        Assert.Contains(Transpiled.Rules<BuiltIn>(), r => r.Resources.SequenceEqual(["jobs/status"]));

    [EntityRbac(typeof(V1Secret), typeof(V1ConfigMap), Verbs = RbacVerb.Get)]
    [EntityRbac(typeof(V1Secret), typeof(V1ConfigMap), Verbs = RbacVerb.List)]
    [EntityRbac(typeof(Widget), Verbs = RbacVerb.AllExplicit)]
    private sealed class Shared;

    [GenericRbac(Groups = ["batch"], Resources = ["jobs", "cronjobs"], Urls = ["/metrics"], Verbs = RbacVerb.All)]
    private sealed class Generic;

    [EntityRbac(typeof(V1Job), Verbs = RbacVerb.Get)]
    private sealed class BuiltIn;
}
