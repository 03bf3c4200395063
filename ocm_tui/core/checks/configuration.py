"""Was the configuration loaded, and is there something in it to mend? That it parses was settled before."""

from ocm_tui.core.checks.model import CheckContext, Finding, Verdict, passed, warned

__all__ = ["configuration"]


async def configuration(context: CheckContext) -> Verdict:
    session = context.session
    if session.server_problem is not None:
        raise session.server_problem
    source = "built-in demo" if session.demo else str(session.config_file or "defaults, without a file")
    if session.warnings:
        count = len(session.warnings)
        return warned(
            session.warnings[0] if count == 1 else f"{count} warnings, the first: {session.warnings[0]}",
            hint="`ocm-tui config validate` lists them all" if count > 1 else "",
            findings=[Finding(text, session.config_file) for text in session.warnings],
            source=source,
        )
    return passed(f"environment {session.environment} from {source}", source=source)
