"""What the users of a site agree on: the schema of `sites.json`."""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field


class SiteAnswer(BaseModel):
    """What is known of one field of one site.

    `agree` and `against` count distinct users; `trusted`: an admin decided, whose vote needs no other.
    """

    model_config = ConfigDict(frozen=True)

    canonical: str = ""
    """The id agreed on; `none`: the field asks for nothing of the user's; "": only `rejected` is agreed on."""
    rejected: tuple[str, ...] = ()
    agree: int = 0
    against: int = 0
    trusted: bool = False


class SiteAnswers(BaseModel):
    """`sites.json`: by the keyed hash of the site's origin, and by the field's signature. No site is in it in the clear."""

    model_config = ConfigDict(frozen=True)

    sites: Mapping[str, Mapping[str, SiteAnswer]] = Field(default_factory=dict)

    def of(self, site: str) -> Mapping[str, SiteAnswer]:
        """By signature, what is known of the fields of a site."""
        return self.sites.get(site, {})


NO_SITES = SiteAnswers()
