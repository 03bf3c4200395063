from pathlib import Path

import pytest

from tests.unit.core.oci.samples import lay_out_home


@pytest.fixture(scope="session")
def oci_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home directory whose `.oci` has keys and tokens; nobody writes into it."""
    return lay_out_home(tmp_path_factory.mktemp("home"))
