using Granary.Operator.Serving;
using k8s.Models;

namespace Granary.Operator.Tests.Serving;

public sealed class ServingCertificateTests
{
    private static readonly ServingCertificate Made = ServingCertificate.Generate(
        "granary-operator",
        "granary-system",
        previous: null
    );

    [Fact]
    public void It_survives_the_way_through_a_Secret()
    {
        Assert.Equal(Made, ServingCertificate.From(new V1Secret { Data = Made.ToData() }));
    }

    [Fact]
    public void An_empty_or_damaged_Secret_is_not_a_certificate()
    {
        Assert.Null(ServingCertificate.From(new V1Secret()));
        Assert.False(
            (Made with { ServerPem = "garbage" }).IsUsable("granary-operator.granary-system.svc", DateTimeOffset.Now)
        );
    }

    // Renewed thirty days before its end, and at once when it is for another name.
    [Fact]
    public void It_is_usable_for_its_name_until_shortly_before_its_end()
    {
        using var certificate = Made.Load();
        var end = new DateTimeOffset(certificate.NotAfter);

        Assert.True(certificate.HasPrivateKey);
        Assert.True(Made.IsUsable("granary-operator.granary-system.svc", end.AddDays(-31)));
        Assert.False(Made.IsUsable("granary-operator.granary-system.svc", end.AddDays(-29)));
        Assert.False(Made.IsUsable("granary-operator.elsewhere.svc", end.AddDays(-31)));
    }

    [Fact]
    public void A_renewal_keeps_the_authority_before_it_trusted_and_no_more()
    {
        var second = ServingCertificate.Generate("granary-operator", "granary-system", Made);
        var third = ServingCertificate.Generate("granary-operator", "granary-system", second);

        Assert.Contains(Made.AuthoritiesPem.Trim(), second.AuthoritiesPem, StringComparison.Ordinal);
        Assert.DoesNotContain(Made.AuthoritiesPem.Trim(), third.AuthoritiesPem, StringComparison.Ordinal);
        Assert.Equal(2, third.AuthoritiesPem.Split("BEGIN CERTIFICATE").Length - 1);
    }
}
