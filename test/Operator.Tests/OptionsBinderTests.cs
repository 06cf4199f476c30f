using System.Collections;

namespace Granary.Operator.Tests;

public sealed class OptionsBinderTests
{
    [Fact]
    public void Defaults_need_no_arguments()
    {
        var options = OptionsBinder.Bind([], new Hashtable());

        Assert.Equal(
            ("granary/worker:latest", 8443, false),
            (options.WorkerImage, options.Port, options.FailOnMetricsError)
        );
    }

    [Fact]
    public void Arguments_win_over_the_environment()
    {
        var environment = new Hashtable
        {
            ["GRANARY_OPERATOR__WORKER_IMAGE"] = "from/env:1",
            ["GRANARY_OPERATOR__PORT"] = "9443",
            ["POD_IP"] = "127.0.0.7",
            ["POD_NAMESPACE"] = "granary-system",
            ["GRANARY_OPERATOR_PORT"] = "tcp://10.0.0.1:443", // Kubernetes' own, for a Service of that name.
        };

        var options = OptionsBinder.Bind(
            [
                "--worker-image=from/args:2",
                "--image-pull-secrets",
                "a,b",
                "--resync-period=90s",
                "--fail-on-metrics-error",
            ],
            environment
        );

        Assert.Equal(("from/args:2", 9443, "127.0.0.7"), (options.WorkerImage, options.Port, options.BindAddress));
        Assert.Equal("granary-system", options.Namespace);
        Assert.Equal(["a", "b"], options.ImagePullSecrets);
        Assert.Equal(TimeSpan.FromSeconds(90), options.ResyncPeriod);
        Assert.True(options.FailOnMetricsError);
    }

    [Theory]
    [InlineData("--wroker-image=x", "--wroker-image is not an option")]
    [InlineData("run", "is not a flag")]
    [InlineData("--port=abc", "not a whole number")]
    [InlineData("--port=70000", "Port")]
    [InlineData("--resync-period=10", "not a duration")]
    [InlineData("--image-pull-policy=Sometimes", "ImagePullPolicy")]
    [InlineData("--pushgateway-url=localhost:9091", "not an http or https URL")]
    [InlineData("--bind-address=host", "not an IP address")]
    [InlineData("--metrics-labels=x", "key=value")]
    [InlineData("--worker-image", "has no value")]
    public void A_bad_argument_stops_the_start(string argument, string expected)
    {
        var failure = Assert.Throws<OptionsException>(() => OptionsBinder.Bind([argument], new Hashtable()));

        Assert.Contains(expected, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_variable_stops_the_start()
    {
        var failure = Assert.Throws<OptionsException>(() =>
            OptionsBinder.Bind([], new Hashtable { ["GRANARY_OPERATOR__PROT"] = "1" })
        );

        Assert.Contains("GRANARY_OPERATOR__PROT is not an option", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Usage_lists_every_option()
    {
        Assert.Contains("--startup-patience=", OptionsBinder.Usage(), StringComparison.Ordinal);
    }
}
