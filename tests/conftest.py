"""Settings for all tests: how long an example takes says nothing on a busy machine, so only the laws can fail."""

from hypothesis import settings

settings.register_profile("laws", deadline=None)
settings.load_profile("laws")
