using Granary.Access;
using Granary.TestSupport;

namespace Granary.Worker.Tests.Access;

public sealed class StorageCredentialsTests
{
    [Fact]
    public void Every_secret_value_is_known_to_the_redactor_and_names_are_not()
    {
        var redactor = new Redactor();

        var credentials = StorageCredentials.Of(
            new Dictionary<string, byte[]>
            {
                ["RESTIC_PASSWORD"] = "password-1"u8.ToArray(),
                ["AWS_SECRET_ACCESS_KEY"] = "access-key-1"u8.ToArray(),
                ["AZURE_ACCOUNT_NAME"] = "account-1"u8.ToArray(),
                ["SOMETHING_NEW"] = "unknown-1"u8.ToArray(),
            },
            "Secret demo/storage",
            redactor
        );

        Assert.Equal("password-1", credentials.Password.Reveal());
        Assert.Equal(
            "(redacted) (redacted) account-1 (redacted)",
            redactor.Redact("password-1 access-key-1 account-1 unknown-1")
        );
    }

    [Fact]
    public void A_secret_without_the_password_is_named() =>
        Assert.Contains(
            "Secret demo/storage has no RESTIC_PASSWORD",
            Assert
                .Throws<StepFailedException>(() =>
                    StorageCredentials
                        .Of(new Dictionary<string, byte[]>(), "Secret demo/storage", new Redactor())
                        .Password
                )
                .Message,
            StringComparison.Ordinal
        );

    [Fact]
    public void The_password_may_be_in_a_file_that_ends_with_a_newline()
    {
        using var folder = new TempDirectory();
        File.WriteAllText(folder["password"], "of the file\r\n");
        var credentials = StorageCredentials.OfEnvironment(
            name => name == "RESTIC_PASSWORD_FILE" ? folder["password"] : null,
            new Redactor()
        );

        Assert.Equal("of the file", credentials.Password.Reveal());
    }
}
