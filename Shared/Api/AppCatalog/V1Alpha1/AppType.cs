namespace Granary.Api.AppCatalog.V1Alpha1;

/// <summary>
/// What an AppBinding's <c>spec.type</c> says: <c>kubedb.com/postgres</c> is group and resource, split at the last
/// slash.
/// </summary>
/// <param name="Group">API group of the application; empty when the type has none.</param>
/// <param name="Resource">Its resource; empty when there is no type.</param>
public readonly record struct AppType(string Group, string Resource)
{
    /// <summary>The type of an AppBinding.</summary>
    public static AppType Of(AppBinding appBinding)
    {
        var type = appBinding.Spec.Type ?? "";
        var slash = type.LastIndexOf('/');
        return new AppType(slash < 0 ? "" : type[..slash], type[(slash + 1)..]);
    }
}
