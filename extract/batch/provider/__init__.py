"""Many inputs through a provider's batch API: slower, cheaper, behind the same journal. Entered by `run.py`."""
