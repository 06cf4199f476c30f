using System.Runtime.InteropServices;
using Granary.Net;
using Granary.Worker.Commands;

EnvironmentProxy.UseForAll();

using var stop = new CancellationTokenSource();
using var onTerminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using var onInterrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);

// Ignored, as restic does: its unlock sends one to the owners of locks, to learn whether they live.
using var onHangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context => context.Cancel = true);
return await WorkerProgram.RunAsync(args, stop.Token);

void Stop(PosixSignalContext context)
{
    // The default would end the process before locks are released. Who asks twice does not want to wait for that: a
    // reader of ours may stand still.
    context.Cancel = !stop.IsCancellationRequested;
    stop.Cancel();
}
