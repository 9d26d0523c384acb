"""The pages that anybody may see: what this is, what it keeps, how accessible it is, and the style sheet."""

from typing import Annotated

from fastapi import APIRouter, Header, HTTPException, Response

from config.reading.logos import read_logo
from web.looks import find_style_sheet
from web.pages import render
from web.privacy_notice import read_privacy_notice
from web.site import GivenSite

router = APIRouter()


@router.api_route("/", methods=["GET", "HEAD"])
def show_start(site: GivenSite) -> Response:
    """What this service is."""
    return render(site, "start.html", hr_contact=site.settings.hr_contact or "")


@router.api_route("/privacy", methods=["GET", "HEAD"])
def show_privacy(site: GivenSite) -> Response:
    """The privacy notice: ours, with the organisation's own words in it."""
    return render(site, "privacy.html", view=read_privacy_notice(site))


@router.api_route("/accessibility", methods=["GET", "HEAD"])
def show_accessibility(site: GivenSite) -> Response:
    """How accessible the pages are, and what that is known from."""
    return render(site, "accessibility.html", hr_contact=site.settings.hr_contact or "")


@router.api_route("/brand/logo.{ending}", methods=["GET", "HEAD"])
def show_logo(site: GivenSite, ending: str) -> Response:
    """The brand's logo, as mails and pages show it."""
    path = site.settings.brand_logo
    logo = None if path is None else read_logo(path)
    if logo is None or logo.ending != ending:
        raise HTTPException(404)
    kind = "jpeg" if ending == "jpg" else ending
    return Response(logo.data, media_type=f"image/{kind}", headers={"Cache-Control": "public, max-age=86400"})


@router.api_route("/static/{name}", methods=["GET", "HEAD"])
def show_style_sheet(site: GivenSite, name: str, accept_encoding: Annotated[str, Header()] = "") -> Response:
    """The style sheet, packed for whoever can unpack it. Its name changes with its content, so it may be kept."""
    sheet = find_style_sheet(site.settings)
    if name != sheet.name:
        raise HTTPException(404)
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
    if "gzip" not in accept_encoding:
        return Response(sheet.content, media_type="text/css", headers=headers)
    return Response(sheet.packed, media_type="text/css", headers={**headers, "Content-Encoding": "gzip"})
