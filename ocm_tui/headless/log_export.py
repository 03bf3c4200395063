"""`log export`: exchanges in the formats of other tools, on stdout or in a file that only its owner can read."""

import asyncio
from collections.abc import Sequence

from ocm_tui.core.diagnosis.engine import diagnose
from ocm_tui.core.diagnosis.model import Finding, Knowledge
from ocm_tui.core.errors import ExitCode
from ocm_tui.core.exchanges.export import FORMATS, incident_report
from ocm_tui.core.exchanges.model import Exchange
from ocm_tui.core.private_files import write_private
from ocm_tui.core.secret import LONG, known_secrets
from ocm_tui.core.text import clean
from ocm_tui.headless.invocation import Invocation
from ocm_tui.headless.log_sources import exchanges_of

__all__ = ["run"]


async def run(invocation: Invocation) -> int:
    """An export of nothing is an export as well: a pipeline that collects the file finds one."""
    options, output = invocation.options, invocation.output
    found = await exchanges_of(invocation)
    text = await asyncio.to_thread(_text, options.format, found)
    where = ""
    if options.out is None:
        output.data(text)
    else:
        await asyncio.to_thread(write_private, options.out, text)
        where = f" to {clean(options.out)}"
    output.say(f"exported {len(found):,} {'exchange' if len(found) == 1 else 'exchanges'}{where}, secrets left out")
    return ExitCode.OK


def _text(format_: str, exchanges: Sequence[Exchange]) -> str:
    if format_ != "markdown":
        return FORMATS[format_](exchanges)

    def findings_of(exchange: Exchange) -> list[Finding]:
        return diagnose(exchange, Knowledge(neighbours=exchanges))

    return known_secrets.scrub(incident_report(exchanges, findings_of), shortest=LONG)
