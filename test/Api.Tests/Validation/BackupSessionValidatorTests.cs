using Granary.Api.Stash.V1Beta1;
using Granary.Api.Validation;

namespace Granary.Api.Tests.Validation;

public sealed class BackupSessionValidatorTests
{
    [Fact]
    public void A_session_written_by_hand_needs_only_its_invoker() =>
        Assert.Equal("", AdmissionRules.Create(Samples.BackupSession()).Describe());

    [Fact]
    public void Without_an_invoker_it_is_refused()
    {
        var session = Samples.BackupSession();
        session.Spec.Invoker = null;

        Assert.Equal(
            "spec.invoker: Required value: names what the session is for",
            AdmissionRules.Create(session).Describe()
        );
    }

    [Fact]
    public void Invoker_and_retries_are_checked()
    {
        var session = Samples.BackupSession();
        (session.Spec.Invoker!.Kind, session.Spec.Invoker.Name, session.Spec.RetryLeft) = ("Deployment", "", -1);

        Assert.Equal(
            ["spec.invoker.kind", "spec.invoker.name", "spec.retryLeft"],
            AdmissionRules.Create(session).Errors.Select(error => error.PropertyName)
        );
    }
}
