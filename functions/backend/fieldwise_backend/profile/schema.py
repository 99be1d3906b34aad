"""A user's profile: the values forms are filled with. Everything is optional; unknown keys are refused by name.

By design it has no key for cards, passwords, one-time codes or other secrets: fields for them are recognised, never filled.
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from fieldwise_backend.profile.values import AnswerText, Email, FullDate, Line, Lines, PartialDate, Prose, Street


class Section(BaseModel):
    """Base of a profile's parts: immutable; undeclared keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class WrittenName(Section):
    """A name in other letters: its parts, or `full`, or both."""

    given: Line = ""
    family: Line = ""
    full: Line = ""


class Name(Section):
    """The parts, or `full`, or both: what is missing is derived from the rest.

    `second_family` is the second of two surnames (`García López`); `family` may have both, or only the first.
    """

    prefix: Line = ""
    given: Line = ""
    additional: Line = ""
    family: Line = ""
    suffix: Line = ""
    full: Line = ""
    nickname: Line = ""
    second_family: Line = ""
    kana: WrittenName = WrittenName()
    """How the name is read, in katakana or hiragana."""
    romanised: WrittenName = WrittenName()
    """The name in Latin letters, if it is written in others."""


class Contact(Section):
    """How to reach the user. `tel` is best in international form; without a `+` it is read as a number of the address's country."""

    email: Email = ""
    tel: Line = ""
    tel_extension: Line = ""
    impp: Line = ""
    language: Line = ""


class Address(Section):
    """`street` as on an envelope, or its lines one by one; `level1` is the state, `level2` the town, `level3` and `level4` parts of it.

    The parts of the street (`street_name` to `unit`) are derived from its lines where a country's order makes that sure, and the lines
    from the parts if only these are given.
    """

    street: Street = ()
    line1: Line = ""
    line2: Line = ""
    line3: Line = ""
    level1: Line = ""
    level2: Line = ""
    level3: Line = ""
    level4: Line = ""
    street_name: Line = ""
    house_number: Line = ""
    building: Line = ""
    floor: Line = ""
    unit: Line = ""
    postal_code: Line = ""
    country: Line = ""


class Links(Section):
    """The user's web pages and profiles."""

    linkedin: Line = ""
    github: Line = ""
    portfolio: Line = ""
    website: Line = ""
    twitter: Line = ""
    facebook: Line = ""
    instagram: Line = ""


class Job(Section):
    """One entry of the work history. Without `is_current`, a job with a start and without an end is the current one."""

    organization: Line = ""
    title: Line = ""
    start_date: PartialDate = ""
    end_date: PartialDate = ""
    is_current: bool | None = None
    location: Line = ""
    description: Prose = ""


class Education(Section):
    """One entry of the education. A missing `graduation_year` is taken from `end_date`."""

    school: Line = ""
    degree: Line = ""
    field_of_study: Line = ""
    start_date: PartialDate = ""
    end_date: PartialDate = ""
    graduation_year: Line = ""
    gpa: Line = ""


class Project(Section):
    """One project, as a CV lists them."""

    name: Line = ""
    url: Line = ""
    description: Prose = ""


class Demographics(Section):
    """Voluntary self-identification, in the user's own words."""

    gender: Line = ""
    pronouns: Line = ""
    race_ethnicity: Line = ""
    ethnicity: Line = ""
    hispanic_latino: AnswerText = ""
    veteran_status: AnswerText = ""
    disability_status: AnswerText = ""
    sexual_orientation: Line = ""
    marital_status: Line = ""
    citizenship: Line = ""


class JobPreferences(Section):
    """What job applications ask for beyond the CV."""

    work_authorization: AnswerText = ""
    visa_sponsorship: AnswerText = ""
    security_clearance: AnswerText = ""
    desired_salary: Line = ""
    current_salary: Line = ""
    notice_period: Line = ""
    start_date: Line = ""
    relocation: AnswerText = ""
    remote: AnswerText = ""
    employment_type: Line = ""
    travel: AnswerText = ""
    years_of_experience: Line = ""
    skills: Lines = ()
    languages: Lines = ()
    cover_letter: Prose = ""
    referral_source: Line = ""
    previously_employed: AnswerText = ""
    drivers_license: AnswerText = ""


class Profile(Section):
    """Everything Fieldwise knows about one user. `work_history`, `education` and `projects` start with the latest entry."""

    name: Name = Name()
    contact: Contact = Contact()
    username: Line = ""
    organization: Line = ""
    organization_title: Line = ""
    address: Address = Address()
    birthday: FullDate = None
    bio: Prose = ""
    links: Links = Links()
    work_history: Annotated[tuple[Job, ...], Field(max_length=50)] = ()
    education: Annotated[tuple[Education, ...], Field(max_length=50)] = ()
    projects: Annotated[tuple[Project, ...], Field(max_length=50)] = ()
    demographics: Demographics = Demographics()
    job_preferences: JobPreferences = JobPreferences()
