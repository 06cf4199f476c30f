namespace Granary.Net.Tests;

public sealed class EnvironmentProxyTests
{
    [Fact]
    public void Each_scheme_has_its_proxy_and_capitals_come_first()
    {
        var proxy = Of(
            ("HTTP_PROXY", "http://plain.test:3128"),
            ("https_proxy", "secure.test:3129"),
            ("http_proxy", "http://other.test:1"),
            ("NO_PROXY", "direct.test")
        );

        Assert.Equal(new Uri("http://plain.test:3128"), proxy.GetProxy(new Uri("http://store.test/x")));
        Assert.Equal(new Uri("http://secure.test:3129"), proxy.GetProxy(new Uri("https://store.test/x")));
        Assert.Null(proxy.GetProxy(new Uri("https://direct.test/x")));
        Assert.True(proxy.IsBypassed(new Uri("https://s3.direct.test/x")));
        Assert.False(proxy.IsBypassed(new Uri("https://store.test/x")));
    }

    [Fact]
    public void One_proxy_for_all_schemes_is_taken_where_a_scheme_has_none()
    {
        var proxy = Of(("ALL_PROXY", "socks5://all.test:1080"), ("HTTPS_PROXY", "http://secure.test:3129"));

        Assert.Equal(new Uri("socks5://all.test:1080"), proxy.GetProxy(new Uri("http://store.test/x")));
        Assert.Equal(new Uri("http://secure.test:3129"), proxy.GetProxy(new Uri("https://store.test/x")));
    }

    [Fact]
    public void A_proxys_user_and_password_are_for_that_proxy_alone()
    {
        var proxy = Of(("HTTPS_PROXY", "http://me:p%40ss@secure.test:3129"));

        var credential = proxy.Credentials!.GetCredential(new Uri("http://secure.test:3129"), "Basic");

        Assert.Equal(("me", "p@ss"), (credential!.UserName, credential.Password));
        Assert.Null(proxy.Credentials.GetCredential(new Uri("http://store.test"), "Basic"));
    }

    [Fact]
    public void Nothing_in_the_environment_means_no_proxy() =>
        Assert.Null(Of().GetProxy(new Uri("https://store.test")));

    private static EnvironmentProxy Of(params (string Name, string Value)[] variables) =>
        new(name => variables.FirstOrDefault(variable => variable.Name == name).Value);
}
