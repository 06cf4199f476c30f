using System.CommandLine;
using System.Globalization;
using Granary.Access;
using Granary.Engine.Maintenance;
using Granary.Engine.Repositories;
using Granary.Engine.Repositories.Locking;
using Granary.Storage;
using Granary.Worker.Commands.Flags;
using Granary.Worker.Commands.Printing;

namespace Granary.Worker.Commands.ByHand;

/// <summary><c>key</c>: lists, adds, removes and changes passwords.</summary>
internal static class KeyCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(WorkerServices services, RepositoryOptions repository)
    {
        var group = new Command("key", "List, add, remove and change passwords.")
        {
            List(services, repository),
            WithNewPassword(
                services,
                repository,
                "add",
                "Add a password.",
                LockMode.Shared,
                "saved new key",
                (opened, password, options, held, token) => opened.AddKeyAsync(password, options, held, token)
            ),
            WithNewPassword(
                services,
                repository,
                "passwd",
                "Replace the password in use.",
                LockMode.Exclusive,
                "saved new key",
                (opened, password, options, held, token) => opened.ChangePasswordAsync(password, options, held, token)
            ),
            Remove(services, repository),
        };
        repository.AddTo(group);
        return group;
    }

    private static Command List(WorkerServices services, RepositoryOptions repository)
    {
        var command = new Command("list", "List keys.");
        repository.AddTo(command);
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                await using var access = await repository.AccessAsync(parsed, services, cancellationToken);
                var opened = await access.OpenAsync(cancellationToken);
                await using var held = await repository.LockAsync(
                    parsed,
                    access,
                    opened,
                    LockMode.Shared,
                    cancellationToken
                );
                var keys = await opened.KeysAsync(cancellationToken);
                await services.Out.WriteLineAsync(
                    repository.IsJson(parsed)
                        ? Json.Line(
                            keys.Select(key => new PrintedKey(
                                key.IsCurrent,
                                key.Id,
                                key.Username,
                                key.Hostname,
                                LocalTime(key),
                                key.Fault
                            )),
                            PrintedJson.Default.IEnumerablePrintedKey
                        )
                        : string.Join(
                            Environment.NewLine,
                            keys.Select(key =>
                                $"{(key.IsCurrent ? "*" : " ")}{key.Id[..8]}  "
                                + $"{key.Username}@{key.Hostname}  {LocalTime(key)}"
                                + (key.Fault is null ? "" : $"  {key.Fault}")
                            )
                        )
                );
                return ExitCodes.Success;
            }
        );
        return command;
    }

    /// <summary>As restic prints it, which looks at the local clock here and nowhere else.</summary>
    private static string LocalTime(KeyInfo key) =>
        key.Created.Value.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    private static Command Remove(WorkerServices services, RepositoryOptions repository)
    {
        var command = new Command("remove", "Remove a key that is not in use.");
        var id = Flag.Word("id", "The beginning of the key's id.");
        repository.AddTo(command);
        command.Arguments.Add(id);
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                await using var access = await repository.AccessAsync(parsed, services, cancellationToken);
                var opened = await access.OpenAsync(cancellationToken);
                await using var held = await repository.LockForWritingAsync(
                    parsed,
                    access,
                    opened,
                    LockMode.Exclusive,
                    cancellationToken
                );
                var removed = await opened.RemoveKeyAsync(parsed.GetValue(id) ?? "", held, cancellationToken);
                await services.Out.WriteLineAsync(
                    repository.IsJson(parsed)
                        ? Json.Line(new PrintedKeyChange("key", Removed: removed), PrintedJson.Default.PrintedKeyChange)
                        : $"removed key {removed}"
                );
                return ExitCodes.Success;
            }
        );
        return command;
    }

    private static Command WithNewPassword(
        WorkerServices services,
        RepositoryOptions repository,
        string name,
        string description,
        LockMode mode,
        string done,
        Func<OpenRepository, Secret, KeyOptions, RepositoryLock, CancellationToken, Task<string>> change
    )
    {
        var command = new Command(name, description);
        var file = Flag.Text(
            "--new-password-file",
            "File with the new password; white space around it is not part of it."
        );
        var host = Flag.Text("--host", "Host that the key says it is of; this one when absent.");
        var user = Flag.Text("--user", "User that the key says it is of; this one when absent.");
        repository.AddTo(command);
        command.Options.Add(file);
        command.Options.Add(host);
        command.Options.Add(user);
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var path = parsed.GetValue(file) is { Length: > 0 } given
                    ? given
                    : throw new StepFailedException("Which password? Give --new-password-file");
                var password = PasswordFile.Read("--new-password-file", path, services.Redactor);
                await using var access = await repository.AccessAsync(parsed, services, cancellationToken);
                var opened = await access.OpenAsync(cancellationToken);

                await using var held = await repository.LockForWritingAsync(
                    parsed,
                    access,
                    opened,
                    mode,
                    cancellationToken
                );
                var options = new KeyOptions
                {
                    Hostname = parsed.GetValue(host) is { Length: > 0 } named ? named : access.Self.Hostname,
                    Username = parsed.GetValue(user) is { Length: > 0 } called ? called : access.Self.Username,
                    Cost = access.KeyCost,
                };
                var id = await change(opened, password, options, held, cancellationToken);
                await services.Out.WriteLineAsync(
                    repository.IsJson(parsed)
                        ? Json.Line(new PrintedKeyChange("key", Id: id), PrintedJson.Default.PrintedKeyChange)
                        : $"{done} {id}"
                );
                return ExitCodes.Success;
            }
        );
        return command;
    }
}
