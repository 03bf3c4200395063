"""Regions, their realms and the domains of those: known without the SDK, so that a list needs no import of it.

The table is that of the SDK; a test compares the two. What a site adds (`regions-config.json`, `OCI_REGION_METADATA`)
counts as well, as it does for the SDK.
"""

import contextlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from ocm_tui.core.positioned.files import UnusableFile, read_small_file

__all__ = ["GENAI_REGIONS", "Region", "Regions", "known_regions"]

_LARGEST: Final = 1 << 20
_ALIKE: Final = 0.75

# A realm, its second-level domain, and its regions with their keys.
_TABLE: Final = """
oc1 oraclecloud.com ap-chuncheon-1:yny ap-hyderabad-1:hyd ap-melbourne-1:mel ap-mumbai-1:bom ap-osaka-1:kix
    ap-seoul-1:icn ap-sydney-1:syd ap-tokyo-1:nrt ca-montreal-1:yul ca-toronto-1:yyz eu-amsterdam-1:ams
    eu-frankfurt-1:fra eu-zurich-1:zrh me-jeddah-1:jed me-dubai-1:dxb sa-saopaulo-1:gru uk-cardiff-1:cwl
    uk-london-1:lhr us-ashburn-1:iad us-phoenix-1:phx us-sanjose-1:sjc sa-vinhedo-1:vcp sa-santiago-1:scl
    il-jerusalem-1:mtz eu-marseille-1:mrs ap-singapore-1:sin me-abudhabi-1:auh eu-milan-1:lin
    eu-stockholm-1:arn af-johannesburg-1:jnb eu-paris-1:cdg mx-queretaro-1:qro eu-madrid-1:mad
    us-chicago-1:ord mx-monterrey-1:mty us-saltlake-2:aga sa-bogota-1:bog sa-valparaiso-1:vap
    ap-singapore-2:xsp me-riyadh-1:ruh ap-delhi-1:onm ap-batam-1:hsg eu-madrid-3:orf eu-turin-1:nrq
    ap-kulai-2:jbp af-casablanca-1:lej
oc2 oraclegovcloud.com us-langley-1:lfi us-luke-1:luf
oc3 oraclegovcloud.com us-gov-ashburn-1:ric us-gov-chicago-1:pia us-gov-phoenix-1:tus
oc4 oraclegovcloud.uk uk-gov-london-1:ltn uk-gov-cardiff-1:brs
oc8 oraclecloud8.com ap-chiyoda-1:nja ap-ibaraki-1:ukb
oc9 oraclecloud9.com me-dcc-muscat-1:mct me-ibri-1:ibr
oc10 oraclecloud10.com ap-dcc-canberra-1:wga
oc14 oraclecloud14.com eu-dcc-milan-1:bgy eu-dcc-milan-2:mxp eu-dcc-dublin-2:snn eu-dcc-rating-2:dtm
    eu-dcc-rating-1:dus eu-dcc-dublin-1:ork
oc15 oraclecloud15.com ap-dcc-gazipur-1:dac
oc19 oraclecloud.eu eu-madrid-2:vll eu-frankfurt-2:str
oc20 oraclecloud20.com eu-jovanovac-1:beg
oc21 oraclecloud21.com me-dcc-doha-1:doh me-alrayyan-1:vve
oc23 oraclecloud23.com us-somerset-1:ebb us-thames-1:ebl
oc24 oraclecloud24.com eu-dcc-zurich-1:avz eu-crissier-1:avf
oc26 oraclecloud26.com me-abudhabi-3:ahu me-alain-1:rba
oc29 oraclecloud29.com me-abudhabi-2:rkt me-abudhabi-4:shj
oc35 oraclecloud35.com ap-seoul-2:dtz ap-suwon-1:dln ap-chuncheon-2:bno
oc42 oraclecloud42.com us-ashburn-2:yxj us-newark-1:pgc
oc51 oraclecloud51.com eu-budapest-1:jsk
oc52 oraclecloud52.com sa-riodejaneiro-1:hnw
"""

# Where the generative AI service is said to be: a hint for a form, never a validation.
GENAI_REGIONS: Final = (
    *("sa-saopaulo-1", "eu-frankfurt-1", "ap-hyderabad-1", "ap-osaka-1", "me-riyadh-1", "me-abudhabi-1"),
    *("me-dubai-1", "uk-london-1", "us-ashburn-1", "us-chicago-1", "us-phoenix-1", "uk-gov-london-1", "eu-frankfurt-2"),
)


@dataclass(frozen=True, slots=True)
class Region:
    """`name` is `us-ashburn-1`, `key` its short name `iad`, `domain` that of its realm: `oraclecloud.com`."""

    name: str
    key: str
    realm: str
    domain: str


class Regions:
    """Looked up by name or by short name, as the SDK does: without case."""

    def __init__(self, regions: Mapping[str, Region]) -> None:
        self._by_name = dict(regions)
        self._by_key = {region.key: region for region in regions.values()}

    def __iter__(self) -> Iterator[Region]:
        return iter(self._by_name.values())

    def find(self, word: str) -> Region | None:
        folded = word.lower()
        return self._by_name.get(folded) or self._by_key.get(folded)

    def nearest(self, word: str, realm: str = "") -> Region | None:
        """The region that was probably meant: `us-ashbrun-1`, `ashburn`, `us_ashburn_1`, `ap-tokyo`.

        Of those that are equally near, one of `realm`; else the first of the table, which starts with the public realm.
        """
        from difflib import SequenceMatcher

        wanted = word.strip().strip("\"'").lower().replace("_", "-").replace(" ", "-")[:64]
        matcher = SequenceMatcher(None, b=wanted, autojunk=False)

        def likeness(region: Region) -> float:
            matcher.set_seq1(region.name)
            inside = len(wanted) >= 4 and wanted in region.name
            return 1.0 if inside else matcher.ratio()

        best = max(self, key=lambda region: (likeness(region), region.realm == realm))
        return best if likeness(best) >= _ALIKE else None

    def with_more(self, found: list[Region]) -> "Regions":
        return Regions({**self._by_name, **{region.name: region for region in found}}) if found else self


@lru_cache(1)
def _builtin() -> Regions:
    table: dict[str, Region] = {}
    realm = domain = ""
    for word in _TABLE.split():
        name, _, key = word.partition(":")
        if key:
            table[name] = Region(name, key, realm, domain)
        elif "." in word:
            domain = word
        else:
            realm = word
    return Regions(table)


def known_regions(home: Path | None = None, environment: Mapping[str, str] | None = None) -> Regions:
    """Those of the SDK, and what this site adds to them. A file or a variable that is no good adds nothing."""
    more: list[Region] = []
    if home is not None:
        with contextlib.suppress(UnusableFile):
            more += _described(read_small_file(home / ".oci" / "regions-config.json", _LARGEST).content)
    if environment and (text := environment.get("OCI_REGION_METADATA")):
        more += _described(text.encode(errors="surrogatepass"))
    return _builtin().with_more(more)


def _described(content: bytes) -> list[Region]:
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        return []
    items = value if isinstance(value, list) else [value]
    return [region for item in items if isinstance(item, dict) and (region := _region(item)) is not None]


def _region(item: dict[str, Any]) -> Region | None:
    words = [item.get(name) for name in ("regionIdentifier", "regionKey", "realmKey", "realmDomainComponent")]
    if not all(isinstance(word, str) and word for word in words):
        return None
    name, key, realm, domain = (str(word).lower() for word in words)
    return Region(name, key, realm, domain)
