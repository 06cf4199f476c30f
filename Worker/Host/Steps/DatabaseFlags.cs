using Granary.Api.Common;
using Granary.Api.Names;

namespace Granary.Worker.Steps;

/// <summary>Which database a step works on.</summary>
/// <param name="AppBinding">Name of the AppBinding.</param>
/// <param name="Namespace">Its namespace.</param>
/// <param name="User">The Task's parameter <c>user</c>.</param>
/// <param name="WaitTimeout">How long to wait for the server.</param>
/// <param name="ScratchDirectory">For certificates.</param>
internal sealed record DatabaseFlags(
    string AppBinding,
    string Namespace,
    string User,
    TimeSpan WaitTimeout,
    string ScratchDirectory
)
{
    /// <summary>The AppBinding as a target.</summary>
    public TargetRef Target =>
        new()
        {
            ApiVersion = Kinds.AppBindingApiVersion,
            Kind = Kinds.AppBinding,
            Name = AppBinding,
            Namespace = Namespace,
        };
}
