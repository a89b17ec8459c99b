"""What a line of a batch's input file asks for, and the mark by which its result is known again."""

from __future__ import annotations

from dataclasses import dataclass

from ..job import Job


@dataclass(frozen=True, slots=True)
class Asked:
    """What a line of an input file asks for.

    Attributes:
        custom_id: job key and number of the attempt.
        job: whose attempt.
        number: of the attempt, from 0.
        course, asked, method: as in `Stored`.
    """

    custom_id: str
    job: Job
    number: int
    course: bytes
    asked: str
    method: str

    @property
    def mark(self) -> bytes:
        """The custom_id in 17 bytes."""
        return mark_of(self.job, self.number)


def mark_of(job: Job, number: int) -> bytes:
    """What tells one attempt of one job from all others."""
    return bytes.fromhex(job.key) + bytes((number & 255,))
