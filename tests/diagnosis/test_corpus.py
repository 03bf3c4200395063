"""The corpus: the first finding is the right one, none is wrong and sure of itself, and all can be proven."""

import asyncio
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

import tests.diagnosis.corpus_access
import tests.diagnosis.corpus_clients
import tests.diagnosis.corpus_network  # noqa: F401  # the three register their samples
from ocm_tui.core.diagnosis.engine import diagnose
from ocm_tui.core.diagnosis.knowledge import gather_knowledge
from ocm_tui.core.diagnosis.model import Finding, Knowledge, is_fault
from ocm_tui.core.exchanges.model import Exchange
from ocm_tui.simulator.server import Simulator
from ocm_tui.simulator.settings import SimulatorSettings
from tests.diagnosis.bench import opened
from tests.diagnosis.corpus import ANY_FIELD, SAMPLES, Sample

NAMES = [sample.name for sample in SAMPLES]


@dataclass(frozen=True)
class Recorded:
    sample: Sample
    exchange: Exchange
    knowledge: Knowledge


async def _record(sample: Sample, simulator: Simulator, directory: Path) -> Recorded:
    async with opened(simulator, directory) as bench:
        exchange = await sample.make(bench)
        return Recorded(sample, exchange, await gather_knowledge(bench.session, exchange))


async def _all(directory: Path) -> dict[str, Recorded]:
    recorded = {}
    async with Simulator(SimulatorSettings(seed=7)) as good:
        for sample in SAMPLES:
            own = directory / sample.name
            own.mkdir()
            if sample.faults:
                async with Simulator(SimulatorSettings(faults=sample.faults)) as bad:
                    recorded[sample.name] = await _record(sample, bad, own)
            else:
                recorded[sample.name] = await _record(sample, good, own)
    return recorded


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Recorded]:
    return asyncio.run(_all(tmp_path_factory.mktemp("corpus")))


def _right(found: list[Finding], code: str, sample: Sample) -> bool:
    if not found or found[0].code != code:
        return False
    return sample.field_path == ANY_FIELD or code != sample.code or found[0].field_path == sample.field_path


def test_the_corpus_is_large_enough() -> None:
    assert len(set(NAMES)) == len(NAMES) >= 60


@pytest.mark.parametrize("name", NAMES)
def test_the_first_finding_is_right(corpus: Mapping[str, Recorded], name: str) -> None:
    one = corpus[name]
    found = diagnose(one.exchange, one.knowledge)
    assert _right(found, one.sample.code, one.sample), found
    first = found[0]
    for words in one.sample.says:
        assert words in f"{first.title}\n{first.suggestion}"
    if one.sample.fix is not None:
        assert first.fix is not None
        assert first.fix.value == one.sample.fix


@pytest.mark.parametrize("name", NAMES)
def test_also_when_nothing_but_the_exchange_is_known(corpus: Mapping[str, Recorded], name: str) -> None:
    one = corpus[name]
    found = diagnose(one.exchange)
    assert _right(found, one.sample.expected_alone, one.sample), found


def test_the_promise(corpus: Mapping[str, Recorded]) -> None:
    """At least 95 % right, and never sure and wrong: with knowledge, without, and in other words of the server."""
    rights, wrong_and_sure = [], []
    for one in corpus.values():
        for exchange, knowledge, code in (
            (one.exchange, one.knowledge, one.sample.code),
            (one.exchange, Knowledge(), one.sample.expected_alone),
            (_reworded(one.exchange), one.knowledge, one.sample.code),
        ):
            found = diagnose(exchange, knowledge)
            rights.append(_right(found, code, one.sample))
            accepted = {code, one.sample.code, one.sample.expected_alone}
            own_errors = len(_violations(exchange)) > 1  # several things are wrong then, each with a finding of its own
            wrong_and_sure += [
                (one.sample.name, finding)
                for finding in found
                if finding.confidence == "sure" and finding.code not in accepted and not own_errors
            ]
    assert sum(rights) >= 0.95 * len(rights), f"{sum(rights)} of {len(rights)} first findings are right"
    assert wrong_and_sure == []


@pytest.mark.parametrize("name", NAMES)
def test_the_evidence_stands_in_the_exchange(corpus: Mapping[str, Recorded], name: str) -> None:
    one = corpus[name]
    text = "\n".join(_pieces(one.exchange))
    for finding in diagnose(one.exchange, one.knowledge):
        assert finding.evidence, finding
        for piece in finding.evidence:
            assert piece in text, (finding.code, piece)
        assert finding.title
        assert finding.suggestion or not is_fault(finding)
        assert "planted-" not in json.dumps(finding.as_json())


@pytest.mark.parametrize("name", NAMES)
def test_the_servers_words_are_quoted_and_never_read(corpus: Mapping[str, Recorded], name: str) -> None:
    one = corpus[name]
    before = diagnose(one.exchange, one.knowledge)
    after = diagnose(_reworded(one.exchange), one.knowledge)
    assert [finding.code for finding in after][:1] == [finding.code for finding in before][:1]


def _violations(exchange: Exchange) -> list[Any]:
    try:
        return list(json.loads(exchange.response.body if exchange.response else "{}").get("validationErrors", []))
    except (ValueError, AttributeError):
        return []


def _reworded(exchange: Exchange) -> Exchange:
    """Other error ids and sentences, in an answer of the same shape."""
    response = exchange.response
    if response is None or '"resultId"' not in response.body:
        return exchange
    body = re.sub(r'"(errorId|message|developerMessage|resultId)":"[^"]*"', r'"\1":"zzz"', response.body)
    return replace(exchange, response=replace(response, body=body))


def _pieces(exchange: Exchange) -> Iterator[str]:
    yield f"{exchange.method} {exchange.url}"
    yield f"HTTP {exchange.status}"
    for message in (exchange.request, exchange.response):
        if message is not None:
            yield from (f"{name}: {value}" for name, value in message.headers)
            yield message.body
    if exchange.error is not None:
        yield exchange.error.message
