namespace Granary.Storage;

/// <summary>Work without a result, for a runner that is written once for work that has one.</summary>
public static class Resultless
{
    /// <summary>The same work with a result that nobody looks at.</summary>
    public static Func<Task<bool>> Of(Func<Task> work) =>
        async () =>
        {
            await work();
            return true;
        };

    /// <inheritdoc cref="Of(Func{Task})"/>
    public static Func<T, Task<bool>> Of<T>(Func<T, Task> work) =>
        async argument =>
        {
            await work(argument);
            return true;
        };
}
