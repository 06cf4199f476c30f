using System.Text;

namespace Granary.DevCluster.Nodes.Launching;

/// <summary>
/// Kubernetes' <c>$(NAME)</c>: known names become values, unknown ones stay, <c>$$</c> is a dollar sign.
/// </summary>
public static class VariableExpansion
{
    public static string Expand(string text, IReadOnlyDictionary<string, string> variables)
    {
        var result = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '$' || i + 1 == text.Length)
            {
                result.Append(text[i]);
                continue;
            }

            if (text[i + 1] == '$')
            {
                result.Append('$');
                i++;
                continue;
            }

            var close = text[i + 1] == '(' ? text.IndexOf(')', i + 2) : -1;
            if (close < 0)
            {
                result.Append('$');
                continue;
            }

            var name = text[(i + 2)..close];
            result.Append(variables.TryGetValue(name, out var value) ? value : text[i..(close + 1)]);
            i = close;
        }

        return result.ToString();
    }
}
