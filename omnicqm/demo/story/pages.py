"""Reading a page the way a browser would: its forms with what stands in them."""

from typing import Any

import httpx
from selectolax.lexbor import LexborHTMLParser

from omnicqm.demo.story.errors import StoryError


def page_form(response: httpx.Response, selector: str = "form[method=post]") -> dict[str, Any]:
    """Names and values of the first form that fits `selector`, its hidden fields included."""
    form = LexborHTMLParser(response.text).css_first(selector)
    if form is None:
        raise StoryError(f"{response.request.url.path} shows no form; it answered {response.status_code}.")
    fields = {field.attributes.get("name"): field.attributes.get("value") or "" for field in form.css("input[name]")}
    # HTML drops one line end after the opening tag of a textarea.
    texts = {area.attributes.get("name"): area.text().removeprefix("\n") for area in form.css("textarea[name]")}
    return {name: value for name, value in {**fields, **texts}.items() if name}


def page_post(http: httpx.Client, address: str, fields: dict[str, Any]) -> httpx.Response:
    """Send a form back and follow where it leads; with the Referer that Django's protection wants to see."""
    where = str(http.base_url.join(address))
    return http.post(address, data=fields, headers={"Referer": where}, follow_redirects=True)
