"""`registry migrate`: the tables of a registry of our own."""

from ocm_tui.core.errors import ExitCode
from ocm_tui.headless.boundary import run_async
from ocm_tui.headless.consent import confirm, require_answerable
from ocm_tui.headless.formats.registry import registry_json
from ocm_tui.headless.invocation import Invocation
from ocm_tui.headless.registry_cache import unlock_if_protected

__all__ = ["run"]


def run(invocation: Invocation) -> int:
    if not invocation.options.plan:
        require_answerable(invocation)
    return run_async(lambda: _migrate(invocation))


async def _migrate(invocation: Invocation) -> int:
    """An embedded file is migrated when it is opened, so there is nothing left to do for it."""
    options, output = invocation.options, invocation.output
    async with invocation.session() as session:
        registry = await session.require_registry()
        store = registry.store
        names: list[str] = []
        if store.kind == "postgres":
            from ocm_tui.core.registry.postgres import PostgresStore

            assert isinstance(store, PostgresStore)
            names = [f"{one.id:04} {one.name}" for one in await store.waiting_migrations()]
            for name in names:
                output.say(f"+ {name}")
            if names and not options.plan:
                await unlock_if_protected(invocation, session)
                session.policy.require("migrate the registry")
                await confirm(invocation, f"Apply {len(names)} migrations to {store.address}?")
                await store.migrate()
        done = bool(names) and not options.plan
        output.say(f"{len(names)} applied" if done else "nothing to do" if not names else f"{len(names)} to apply")
        if output.format == "json":
            output.data(registry_json({"address": store.address, "migrations": names, "applied": done}))
    return ExitCode.OK
