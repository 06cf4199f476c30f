namespace Granary.Worker.Tests;

public sealed class RedactorTests
{
    [Theory]
    [InlineData("FATAL: bad s3cret-pw here", "FATAL: bad (redacted) here")]
    [InlineData("encoded s3cret%2Bpw%2F too", "encoded (redacted) too")]
    [InlineData("ALTER ROLE a WITH PASSWORD 'x''y';", "ALTER ROLE a WITH PASSWORD '(redacted)';")]
    [InlineData("verifier SCRAM-SHA-256$4096:salt$key:key left", "verifier (redacted) left")]
    [InlineData("old md50123456789abcdef0123456789abcdef left", "old (redacted) left")]
    [InlineData("postgres://bob:hunter2@db:5432/x", "postgres://bob:(redacted)@db:5432/x")]
    [InlineData("host=db password=hunter2 user=bob", "host=db password=(redacted) user=bob")]
    [InlineData("password='hun ter2' user=bob", "password=(redacted) user=bob")]
    [InlineData("password authentication failed for user \"bob\"", "password authentication failed for user \"bob\"")]
    public void Secrets_do_not_get_through(string text, string expected)
    {
        var redactor = new Redactor();
        redactor.Add("s3cret-pw");
        redactor.Add("s3cret+pw/");
        redactor.Add(null);
        redactor.Add("a");

        Assert.Equal(expected, redactor.Redact(text));
    }

    [Fact]
    public void A_secret_that_contains_another_goes_as_a_whole()
    {
        var redactor = new Redactor();
        redactor.Add("granary");
        redactor.Add("granary-of-the-test");

        Assert.Equal("(redacted)!", redactor.Redact("granary-of-the-test!"));
    }
}
