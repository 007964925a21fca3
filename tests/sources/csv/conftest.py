"""A sample in an encoding, read."""

import pytest

from tests.sources.csv.files import Read, read, sample


@pytest.fixture
def file(request: pytest.FixtureRequest) -> Read:
    name, encoding = request.param
    return read(sample(name, encoding))
