using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Granary.Engine;
using Granary.Engine.Archiving;
using Granary.Engine.Packing;
using Granary.Engine.Repositories;
using Granary.Engine.Repositories.Locking;
using Granary.Engine.Restoring;
using Granary.Storage;
using Granary.Storage.Local;
using Granary.TestSupport;

namespace Granary.Interop.Tests;

public abstract partial class ResticLocalTests
{
    [Fact]
    public async Task Restic_respects_our_locks()
    {
        var repository = await Repository.InitAsync(_backend, new Secret(Password), Cheap, Cancellation);

        await using (await repository.LockAsync(LockMode.Shared, Owner, Cancellation))
        {
            var prune = await _restic.RunAsync(["prune"], cancellationToken: Cancellation);
            Assert.Equal(_release.LockedExitCode, prune.ExitCode);
            Assert.Contains("interop-host", prune.Error, StringComparison.Ordinal);
            (await _restic.RunAsync(["snapshots"], cancellationToken: Cancellation)).Succeeded();
        }

        await using (await repository.LockAsync(LockMode.Exclusive, Owner, Cancellation))
        {
            Assert.Equal(
                _release.LockedExitCode,
                (await _restic.RunAsync(["snapshots"], cancellationToken: Cancellation)).ExitCode
            );
        }

        (await _restic.RunAsync(["prune"], cancellationToken: Cancellation)).Succeeded();
    }

    [Fact]
    public async Task We_respect_restics_locks()
    {
        var repository = await Repository.InitAsync(_backend, new Secret(Password), Cheap, Cancellation);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        await using var endless = new EndlessStream();
        var backup = _restic.RunAsync(
            ["backup", "--stdin", "--host", "restic-host"],
            endless,
            cancellationToken: stop.Token
        );
        await Eventually.TrueAsync(
            "restic's lock",
            async () => await repository.LocksAsync(Cancellation).AnyAsync(Cancellation),
            cancellationToken: Cancellation
        );

        var locked = await Assert.ThrowsAsync<RepositoryLockedException>(() =>
            repository.LockAsync(LockMode.Exclusive, Owner, Cancellation)
        );
        Assert.False(locked.Holder.Exclusive);
        Assert.Contains(locked.Holder.ProcessId.ToString(), locked.Message, StringComparison.Ordinal);
        await using (await repository.LockAsync(LockMode.Shared, Owner, Cancellation))
        {
            // Shared beside shared is fine.
        }

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => backup);
        Assert.Equal(
            1,
            await repository.UnlockAsync(
                Owner with
                {
                    Hostname = locked.Holder.Hostname,
                },
                new LockOptions(),
                Cancellation
            )
        );
        await using var exclusive = await repository.LockAsync(LockMode.Exclusive, Owner, Cancellation);
        Assert.Equal(LockMode.Exclusive, exclusive.Mode);
    }

    [Fact]
    public async Task A_wrong_password_is_refused_both_ways()
    {
        await Repository.InitAsync(_backend, new Secret(Password), Cheap, Cancellation);

        await Assert.ThrowsAsync<WrongPasswordException>(() =>
            Repository.OpenAsync(_backend, new Secret("wrong"), new OpenOptions(), Cancellation)
        );
        var restic = await new ResticCli(_folder["repo"], "wrong", release: _release).RunAsync(
            ["snapshots"],
            cancellationToken: Cancellation
        );
        Assert.Equal(_release.WrongPasswordExitCode, restic.ExitCode);
    }

    [Fact]
    public async Task A_password_added_by_restic_opens_the_repository()
    {
        await Repository.InitAsync(_backend, new Secret(Password), Cheap, Cancellation);
        await File.WriteAllTextAsync(_folder["second"], "zweites Paßwort", Cancellation);
        (
            await _restic.RunAsync(
                ["key", "add", "--new-password-file", _folder["second"]],
                cancellationToken: Cancellation
            )
        ).Succeeded();

        var repository = await Repository.OpenAsync(
            _backend,
            new Secret("zweites Paßwort"),
            new OpenOptions(),
            Cancellation
        );

        Assert.Equal(2, repository.Version);
    }
}
