using System.Runtime.CompilerServices;
using Granary.Engine.Repositories;
using Granary.Storage;
using Granary.Storage.Decorators;
using Granary.TestSupport;

namespace Granary.Engine.Tests.Repositories;

/// <summary>What the tests of this folder's init classes share.</summary>
public abstract class InitTestBed : IAsyncDisposable
{
    private protected readonly MemoryBackend _backend = new();

    private protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _backend.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private protected Task<OpenRepository> InitAsync(int version = 2) =>
        Repository.InitAsync(
            _backend,
            TestRepository.Password,
            TestRepository.Cheap with
            {
                Version = version,
            },
            Cancellation
        );

    private protected async Task<string> AddKeyOfAnotherInitAsync()
    {
        var another = new MemoryBackend();
        await Repository.InitAsync(another, TestRepository.Password, TestRepository.Cheap, Cancellation);
        var (handle, content) = Assert.Single(another.Files, file => file.Key.Kind == FileKind.Key);
        _backend.Files[handle] = content;
        return handle.Name;
    }

    /// <summary>Looks a name up before it saves, as some stores' clients must, and lets two begin together.</summary>
    private protected sealed class LastSaveWins(IBackend inner, Barrier start) : DelegatingBackend(inner)
    {
        private int _listings;

        public override async Task SaveAsync(
            FileHandle handle,
            Stream content,
            SaveMode mode,
            CancellationToken cancellationToken
        )
        {
            if (mode == SaveMode.CreateOnly && await SizeAsync(handle, cancellationToken) is not null)
            {
                throw new StorageException(StorageError.AlreadyExists, Location, handle, "the file exists");
            }

            await Task.Delay(20, cancellationToken);
            await base.SaveAsync(handle, content, SaveMode.Replace, cancellationToken);
        }

        public override async IAsyncEnumerable<FileEntry> ListAsync(
            FileKind kind,
            [EnumeratorCancellation] CancellationToken cancellationToken
        )
        {
            await foreach (var entry in base.ListAsync(kind, cancellationToken))
            {
                yield return entry;
            }

            if (kind == FileKind.Key && ++_listings == 1)
            {
                start.SignalAndWait(cancellationToken);
            }
        }
    }

    private protected sealed class MeddlingBackend(IBackend inner) : DelegatingBackend(inner)
    {
        public Action<FileHandle> AfterSave { get; init; } = _ => { };

        public Action<FileHandle> BeforeRead { get; init; } = _ => { };

        public override async Task SaveAsync(
            FileHandle handle,
            Stream content,
            SaveMode mode,
            CancellationToken cancellationToken
        )
        {
            await base.SaveAsync(handle, content, mode, cancellationToken);
            AfterSave(handle);
        }

        public override Task<byte[]> ReadAllAsync(FileHandle handle, CancellationToken cancellationToken)
        {
            if (handle.Kind == FileKind.Key)
            {
                BeforeRead(handle);
            }

            return base.ReadAllAsync(handle, cancellationToken);
        }
    }
}
