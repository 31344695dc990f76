"""The `rmos` command: what each sub-command takes. What it does stands in the module it calls.

What pulls in FastAPI, uvicorn or the engines is imported when its command runs: those cost up to a second, which
`rmos --help` and `rmos token` should not.
"""

from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rmos import identity
from rmos.clock import now
from rmos.errors import Corrupt, Invalid, NotFound, RmosError
from rmos.identity import Role

from local.place import DataDir, Stack, opened, place_of_demo, settings_of_place, settings_with
from local.stack import OutOfReach
from local.tokens import expiry, table_of

DAMAGED = 1
REFUSED = 2
NO_VERDICT = 3
OUT_OF_REACH = 4

app = typer.Typer(
    name="rmos",
    help="Decide whether a guitar rosette can be cut, and keep the record of every such decision.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
token = typer.Typer(no_args_is_help=True, help="Make, list and revoke the tokens that callers carry.")
app.add_typer(token, name="token")


def main() -> None:
    """Run the command; whatever it refuses is one line on standard error.

    Exit code 1 tells of damage, 4 of a stack that AWS does not let us reach, 2 of everything else.
    """
    try:
        app()
    except Corrupt as error:
        _end(error.detail, DAMAGED)
    except OutOfReach as error:
        _end(error.detail, OUT_OF_REACH)
    except RmosError as error:
        _end(error.detail, REFUSED)
    except OSError as error:  # a file or folder that may not be read or written, a full disk
        _end(_said_of(error), REFUSED)


def _said_of(error: OSError) -> str:
    return f"{error.filename}: {error.strerror}" if error.filename else str(error)


def _end(detail: str, exit_code: int) -> NoReturn:
    typer.echo(f"rmos: {detail}", err=True)
    raise SystemExit(exit_code) from None


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on (RMOS_HOST; 127.0.0.1).")] = None,
    port: Annotated[int | None, typer.Option(help="Port; 0 takes a free one (RMOS_PORT; 8000).")] = None,
    data_dir: DataDir = None,
    no_auth: Annotated[bool, typer.Option("--no-auth", help="Let in everybody on this machine.")] = False,
) -> None:
    """Serve the API of all areas until SIGTERM or Ctrl-C."""
    from local.server import Access, serve_areas  # noqa: PLC0415

    settings = settings_with(host=host, port=port, data_dir=data_dir)
    serve_areas(settings, Access.ANYBODY if no_auth else Access.TOKEN)


@token.command("create")
def create_token(
    name: Annotated[str, typer.Option(help="Whose it is: what runs will say of who made them.")],
    role: Annotated[Role, typer.Option(help="What it may do.")],
    expires_in: Annotated[str | None, typer.Option(metavar="30d", help="90m, 12h, 30d, 4w; never by default.")] = None,
    data_dir: DataDir = None,
    stack: Stack = None,
) -> None:
    """Print a new token, alone, on standard output; it is shown this once."""
    expires_at = expiry(expires_in, now())
    with opened(data_dir, stack) as backend:
        typer.echo(identity.create_token(backend.records, name, role, expires_at))


@token.command("list")
def list_tokens(data_dir: DataDir = None, stack: Stack = None) -> None:
    """List all tokens, oldest first, revoked ones too."""
    with opened(data_dir, stack) as backend:
        Console().print(table_of(identity.list_tokens(backend.records)))


@token.command("revoke")
def revoke_token(
    token_id: Annotated[str, typer.Argument(help="The id, as `rmos token list` shows it.")],
    data_dir: DataDir = None,
    stack: Stack = None,
) -> None:
    """End a token; within 30 seconds nothing accepts it any more."""
    with opened(data_dir, stack) as backend:
        revoked = identity.revoke_token(backend.records, token_id)
    typer.echo(f"{revoked.name} ({revoked.role.value}) is out within 30 seconds")


@app.command()
def evaluate(  # noqa: PLR0913, PLR0917  # typer hands each option in by a parameter
    file: Annotated[Path, typer.Argument(help="JSON with `design` and `context`; - reads standard input.")],
    engine: Annotated[str | None, typer.Option(metavar="ID", help="Engine (RMOS_DEFAULT_ENGINE_ID).")] = None,
    risk_map: Annotated[
        Path | None, typer.Option("--map", metavar="SVG", help="Draw the binding cut over feed and speed.")
    ] = None,
    preview: Annotated[
        Path | None, typer.Option(metavar="SVG", help="Draw the rosette, its binding ring marked.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
    data_dir: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Read the workshop's own rows (own:…) from this data folder.")
    ] = None,
) -> None:
    """Say whether a rosette can be cut, and why: exit 0 GREEN, 1 YELLOW, 2 RED or UNKNOWN.

    Exit 3 where there is no verdict: bad input, or a file or folder that cannot be read or written.
    """
    from local import pictures, verdict  # noqa: PLC0415

    try:
        request = verdict.read_input(file)
        with verdict.library_of(request, data_dir) as library:
            result = verdict.evaluate(request, engine, library, settings_with())
            if risk_map is not None:
                pictures.write_map(risk_map, request, result, library, settings_with())
            if preview is not None:
                pictures.write_preview(preview, request, result, library)
    except (Invalid, NotFound) as error:
        verdict.show_problems(error, Console(stderr=True))
        raise typer.Exit(NO_VERDICT) from error
    except RmosError as error:
        _end(error.detail, NO_VERDICT)
    except OSError as error:
        _end(_said_of(error), NO_VERDICT)
    if as_json:
        typer.echo(result.model_dump_json(indent=2))
    else:
        verdict.show_verdict(result, request.context.display_units, Console())
    raise typer.Exit(verdict.exit_code_of(result))


@app.command()
def demo(
    data_dir: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Keep what it records in this folder; else all is gone at the end."),
    ] = None,
) -> None:
    """Tell the main job as a story on real data, in a folder of its own or in --data-dir; exit 0 if each step held."""
    from rmos.logging import logger  # noqa: PLC0415

    from local.demo import Demo, show  # noqa: PLC0415

    logger.setLevel("WARNING")  # the story says itself what was recorded
    with place_of_demo(data_dir) as backend:
        held = show(Demo(backend, settings_with()).play(), Console())
    raise typer.Exit(0 if held else 1)


@app.command()
def fsck(data_dir: DataDir = None, stack: Stack = None) -> None:
    """Check every record, index line, blob and hash; exit 1 if any is damaged. Work that was given up is a warning."""
    from local.dead_letters import warning_of  # noqa: PLC0415
    from local.maintenance import examine, report_examination, scanned, shown_progress  # noqa: PLC0415

    settings = settings_of_place(data_dir, stack)
    try:
        with scanned(settings) as scans, shown_progress(Console(stderr=True)) as progress:
            examination = examine(scans, progress)
    except Corrupt as error:
        typer.echo(f"damaged: {error.key} cannot be opened", err=True)
        raise typer.Exit(DAMAGED) from error
    report_examination(examination, Console())
    if examination.is_damaged:
        raise typer.Exit(DAMAGED)
    if stack is None and (warning := warning_of(settings.data_dir)) is not None:  # a stack has alarms for it
        typer.echo(warning)


@app.command()
def redrive(data_dir: DataDir = None) -> None:
    """Send back the work that was given up after five attempts, as `rmos fsck` names it; the server may go on."""
    from local.dead_letters import name_of, queue_of  # noqa: PLC0415

    with queue_of(settings_of_place(data_dir, None).data_dir) as queue:
        letters = queue.redrive()
    for letter in letters:
        typer.echo(f"sent back: {name_of(letter)}")
    if not letters:
        typer.echo("nothing was given up")


@app.command()
def reindex(data_dir: DataDir = None, stack: Stack = None) -> None:
    """Build the indexes anew from the records; stop the server, or the traffic of the stack, before."""
    from local.maintenance import report_rebuilt, scanned  # noqa: PLC0415

    with scanned(settings_of_place(data_dir, stack)) as scans:
        rebuilt = scans.records.rebuild_entries()
    report_rebuilt(rebuilt, Console())


@app.command("configure-bucket")
def configure_stack_bucket(
    stack: Annotated[str, typer.Option("--stack", metavar="NAME", help="Name of the stack, reached as yourself.")],
) -> None:
    """Give the bucket that a stack was handed (ExistingBucket) the rules of one that it makes; safe to repeat."""
    from local.bucket import configure_bucket, told  # noqa: PLC0415

    typer.echo(told(configure_bucket(stack)))


@app.command()
def gc(
    data_dir: DataDir = None,
    yes: Annotated[bool, typer.Option("--yes", help="Remove them.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only list them, as without --yes.")] = False,
) -> None:
    """List, or remove, blobs that no record needs and that are older than a day; stop the server first."""
    from local.garbage import find_garbage, list_garbage, remove_garbage, sum_of  # noqa: PLC0415
    from local.hold import Hold, held  # noqa: PLC0415
    from local.maintenance import scanned, shown_progress  # noqa: PLC0415

    if yes and dry_run:
        raise typer.BadParameter("--yes removes, --dry-run only lists: give one of them")
    settings = settings_of_place(data_dir, None)
    with held(settings.data_dir, Hold.ALONE), scanned(settings) as scans:
        with shown_progress(Console(stderr=True)) as progress:
            garbage = find_garbage(settings.data_dir, scans, progress)
        list_garbage(garbage, Console())
        if yes:
            remove_garbage(garbage)
    typer.echo(sum_of(garbage, "removed" if yes else "remove with --yes"))


@app.command()
def backup(
    target: Annotated[Path, typer.Argument(help="A folder that does not exist yet.")], data_dir: DataDir = None
) -> None:
    """Copy records and blobs of one moment to a folder; the server may go on."""
    from local.backup import back_up  # noqa: PLC0415
    from local.hold import Hold, held  # noqa: PLC0415

    settings = settings_of_place(data_dir, None)
    with held(settings.data_dir, Hold.SHARED):
        count = back_up(settings.data_dir, target)
    typer.echo(f"backed up to {target}: the records and {count} blobs")


@app.command()
def restore(
    source: Annotated[Path, typer.Argument(help="A folder that `rmos backup` made.")], data_dir: DataDir = None
) -> None:
    """Check a backup whole and put it in place as an empty or new data folder; exit 1 if it is damaged."""
    from local.backup import restore as restore_backup  # noqa: PLC0415
    from local.maintenance import report_examination, shown_progress  # noqa: PLC0415

    settings = settings_with(data_dir=data_dir)
    with shown_progress(Console(stderr=True)) as progress:
        examination = restore_backup(source, settings.data_dir, progress)
    report_examination(examination, Console())
    if examination.is_damaged:
        typer.echo("not restored: the backup is damaged", err=True)
        raise typer.Exit(DAMAGED)
    typer.echo(f"restored to {settings.data_dir}")


@app.command("openapi")
def print_openapi(
    output: Annotated[Path | None, typer.Option(metavar="FILE", help="Write it here instead of printing it.")] = None,
) -> None:
    """Print the OpenAPI document of all areas, the same for the same code."""
    from local.openapi import document_text  # noqa: PLC0415

    if output is None:
        typer.echo(document_text(), nl=False)
    else:
        output.write_text(document_text(), encoding="utf-8")


@app.command()
def drift() -> None:
    """Compare docs/ARCHITECTURE_MAP.md with the code and the API; exit 1 where they part."""
    from local.drift import compare_checkout, report  # noqa: PLC0415
    from local.openapi import document  # noqa: PLC0415

    comparison = compare_checkout(document())
    report(comparison, Console())
    raise typer.Exit(1 if comparison.drifts else 0)
