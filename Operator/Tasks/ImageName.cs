namespace Granary.Operator.Tasks;

/// <summary>An image reference in the three parts that Stash's variables have.</summary>
internal readonly record struct ImageName(string Registry, string Repository, string Tag)
{
    /// <summary>
    /// The tag is behind the last colon unless a slash follows it, which makes the colon a registry's port.
    /// </summary>
    public static ImageName Parse(string image)
    {
        var name = image.Split('@')[0];
        var colon = name.LastIndexOf(':');
        var tagged = colon > name.LastIndexOf('/');
        var path = tagged ? name[..colon] : name;
        var slash = path.LastIndexOf('/');
        return new ImageName(slash < 0 ? "" : path[..slash], path[(slash + 1)..], tagged ? name[(colon + 1)..] : "");
    }
}
