"""`log diagnose`: why an exchange failed, from the history or a HAR file.

Contacts nobody, unless `--ask-server` lets it read the server's lists: then unknown names get the nearest known one.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ocm_tui.core.diagnosis.engine import diagnose
from ocm_tui.core.diagnosis.knowledge import RULES_DIRECTORY, gather_knowledge, known_from, with_user_rules
from ocm_tui.core.diagnosis.model import Finding, Knowledge, is_fault
from ocm_tui.core.errors import ExitCode, UsageError
from ocm_tui.core.exchanges.model import Exchange
from ocm_tui.core.text import clean
from ocm_tui.headless.formats.diagnosis import diagnosis_members, diagnosis_text
from ocm_tui.headless.formats.documents import document, line
from ocm_tui.headless.invocation import Invocation
from ocm_tui.headless.log_sources import demo_visit, find_exchange, named_file, read_har_file, with_id

__all__ = ["run"]

_NEIGHBOURS = 2000  # newest exchanges of the history that are looked at beside the one


async def run(invocation: Invocation) -> int:
    """Exit code 1 when something is wrong with any of the exchanges."""
    options = invocation.options
    if options.demo and named_file(invocation, [options.id])[0] is None:
        diagnoses = [await _of_the_demo(invocation)]
    else:
        wanted, others = await _wanted(invocation)
        diagnoses = await _diagnosed(invocation, wanted, others)
    _print(invocation, diagnoses)
    return ExitCode.BAD if any(is_fault(one) for _, found in diagnoses for one in found) else ExitCode.OK


async def _of_the_demo(invocation: Invocation) -> tuple[Exchange, list[Finding]]:
    async with invocation.session() as session:
        exchange = with_id(await demo_visit(session), invocation.options.id)
        return exchange, diagnose(exchange, await gather_knowledge(session, exchange))


async def _wanted(invocation: Invocation) -> tuple[list[Exchange], Sequence[Exchange]]:
    """What to diagnose, and what is there beside it. Of a whole file: everything in it that failed."""
    options = invocation.options
    file, ids = named_file(invocation, [options.id])
    if file is None:
        history = invocation.open_history(options)
        exchange = await find_exchange(invocation, options.id)
        return [exchange], await asyncio.to_thread(history.list, None, _NEIGHBOURS)
    found = await read_har_file(invocation, file)
    if ids:
        return [with_id(found, options.id)], found
    failed = [exchange for exchange in found if exchange.failed] or found
    if len(failed) > 1 and invocation.output.format == "json":
        raise UsageError(
            f"{clean(file)} holds {len(failed):,} exchanges, and --output json is about one",
            hint=f"use --output jsonl, or name one with `ID --har {clean(file)}`",
        )
    return failed, found


async def _diagnosed(
    invocation: Invocation, wanted: Sequence[Exchange], others: Sequence[Exchange]
) -> list[tuple[Exchange, list[Finding]]]:
    if invocation.options.ask_server:
        async with invocation.session() as session:
            known = [await gather_knowledge(session, exchange, neighbours=others) for exchange in wanted]
    else:
        known = [known_from(exchange, others) for exchange in wanted]
    rules = await asyncio.to_thread(with_user_rules, Knowledge(), _rules_directory(invocation))
    for problem in rules.problems:
        invocation.output.say(f"warning: {clean(problem)}")
    return [
        (exchange, diagnose(exchange, replace(one, user_rules=rules.user_rules)))
        for exchange, one in zip(wanted, known, strict=True)
    ]


def _rules_directory(invocation: Invocation) -> Path:
    """Beside the configuration file, whether there is one or not."""
    from ocm_tui.config.locations import config_path

    return config_path(invocation.options.config).path.parent / RULES_DIRECTORY


def _print(invocation: Invocation, diagnoses: Sequence[tuple[Exchange, list[Finding]]]) -> None:
    output = invocation.output
    for number, (exchange, findings) in enumerate(diagnoses):
        match output.format:
            case "json":
                output.data(document("diagnosis", diagnosis_members(exchange.id, findings)))
            case "jsonl":
                output.data(line("diagnosis", diagnosis_members(exchange.id, findings)))
            case _:
                text = diagnosis_text(exchange, findings, color=output.color)
                output.data(f"\n{text}" if number else text)
    count = sum(is_fault(one) for _, found in diagnoses for one in found)
    output.say(f"{count} {'finding' if count == 1 else 'findings'}")
