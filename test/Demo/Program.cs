using System.CommandLine;
using Granary.Demo;

var keep = new Option<bool>("--keep") { Description = "Leave everything running at the end, until Ctrl+C." };
var breakage = new Option<Breakage>("--break")
{
    Description = "Break something on purpose; the demo must then end in FAIL.",
};
var major = new Option<int>("--postgres")
{
    Description = "Major of the two servers: 15, 17 or 18.",
    DefaultValueFactory = _ => 17,
};
var command = new RootCommand("Granary's main job from end to end: YAML in, encrypted snapshot out, database back.")
{
    keep,
    breakage,
    major,
};
command.SetAction(
    (parsed, token) =>
        Play.RunAsync(new DemoOptions(parsed.GetValue(keep), parsed.GetValue(breakage), parsed.GetValue(major)), token)
);
return await command.Parse(args).InvokeAsync();
