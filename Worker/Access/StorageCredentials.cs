using System.Text;
using Granary.Api.Names;
using Granary.Storage;

namespace Granary.Access;

/// <summary>The keys of a storage Secret: the repository's password and the provider's keys.</summary>
/// <remarks>Every value is handed to the redactor, so that none of them can show up in a message.</remarks>
public sealed class StorageCredentials
{
    /// <summary>Keys whose values are names and addresses; people need them in messages.</summary>
    private static readonly string[] NotSecret =
    [
        "GOOGLE_PROJECT_ID",
        "AZURE_ACCOUNT_NAME",
        "AZURE_ENDPOINT_SUFFIX",
        "B2_ACCOUNT_ID",
        "REST_SERVER_USERNAME",
        "RESTIC_REST_USERNAME",
        SecretKeys.CaCertData,
        SecretKeys.RepositoryPasswordFile,
        "ST_AUTH",
        "ST_USER",
        "OS_AUTH_URL",
        "OS_REGION_NAME",
        "OS_USERNAME",
        "OS_USER_ID",
        "OS_TENANT_ID",
        "OS_TENANT_NAME",
        "OS_USER_DOMAIN_NAME",
        "OS_USER_DOMAIN_ID",
        "OS_PROJECT_NAME",
        "OS_PROJECT_ID",
        "OS_PROJECT_DOMAIN_NAME",
        "OS_PROJECT_DOMAIN_ID",
        "OS_TRUST_ID",
        "OS_APPLICATION_CREDENTIAL_ID",
        "OS_APPLICATION_CREDENTIAL_NAME",
        "OS_STORAGE_URL",
        "AWS_DEFAULT_REGION",
    ];

    private readonly Func<string, string?> _value;
    private readonly string _source;
    private readonly Redactor _redactor;

    private StorageCredentials(Func<string, string?> value, string source, Redactor redactor)
    {
        _value = value;
        _source = source;
        _redactor = redactor;
    }

    /// <summary>
    /// The repository's password: the key's value as it is, white space included, else the content of the file that is
    /// named.
    /// </summary>
    /// <exception cref="StepFailedException">There is none.</exception>
    public Secret Password =>
        (Text(SecretKeys.RepositoryPassword), Text(SecretKeys.RepositoryPasswordFile)) switch
        {
            ({ } given, _) => new Secret(PasswordFile.Readable(given, $"{_source}: {SecretKeys.RepositoryPassword}")),
            (_, { } path) => PasswordFile.Read(SecretKeys.RepositoryPasswordFile, path, _redactor),
            _ => throw new StepFailedException(
                $"{_source} has no {SecretKeys.RepositoryPassword}, the repository's password"
            ),
        };

    /// <summary>A key's value, or null where it is missing or empty.</summary>
    public Secret? this[string key] => Text(key) is { } value ? new Secret(value) : null;

    /// <summary>The keys of a Secret.</summary>
    /// <param name="data">Its data.</param>
    /// <param name="source">Its name in messages.</param>
    /// <param name="redactor">Learns every value.</param>
    public static StorageCredentials Of(IReadOnlyDictionary<string, byte[]> data, string source, Redactor redactor)
    {
        var texts = data.ToDictionary(
            pair => pair.Key,
            pair => Encoding.UTF8.GetString(pair.Value),
            StringComparer.Ordinal
        );
        foreach (var (key, value) in texts)
        {
            if (!NotSecret.Contains(key))
            {
                redactor.Add(value);
            }
        }

        return new(texts.GetValueOrDefault, source, redactor);
    }

    /// <summary>The variables that restic reads, for use by hand.</summary>
    /// <param name="variable">Answers a variable's value, or null.</param>
    /// <param name="redactor">Learns every value.</param>
    public static StorageCredentials OfEnvironment(Func<string, string?> variable, Redactor redactor) =>
        new(
            key =>
            {
                var value = variable(key);
                if (!NotSecret.Contains(key))
                {
                    redactor.Add(value);
                }

                return value;
            },
            "The environment",
            redactor
        );

    /// <summary>A key's value as text, or null where it is missing or empty. For values that are not secret.</summary>
    public string? Text(string key) => _value(key) is { Length: > 0 } value ? value : null;

    /// <summary>A key's value that must be there.</summary>
    /// <exception cref="StepFailedException">It is missing.</exception>
    public Secret Required(string key) => this[key] ?? throw new StepFailedException($"{_source} has no {key}");
}
