"""A résumé, async: two targets asked side by side from the same text.

Prints the person with their jobs, then the skills.
"""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from pathlib import Path

from extract import AsyncExtractor

os.environ.setdefault("EXTRACT_BASE_URL", "offline:")
TEXT = Path(__file__).parent / "texts" / "resume_en.txt"


@dataclass
class Job:
    """One job."""

    company: str
    role: str | None = None


@dataclass
class Person:
    """Whose résumé it is."""

    name: str
    email: str
    phone: str | None
    experience: list[Job]


@dataclass
class Abilities:
    """What they can do."""

    skills: list[str]
    languages: list[str]


async def main() -> None:
    """Extract and print."""
    async with AsyncExtractor() as extractor:
        person, abilities = await asyncio.gather(extractor.run(Person, TEXT), extractor.extract(Abilities, TEXT))
    print(f"answered by {person.answered_by}")
    print(person.value.name, person.value.email, person.value.phone)
    for job in person.value.experience:
        print(" -", job.company)
    print("skills:", ", ".join(abilities.skills))
    print("languages:", ", ".join(abilities.languages))


if __name__ == "__main__":
    asyncio.run(main())
