"""The first page of the console: what needs a person now, how the week goes, and whether the machine keeps up."""

from omnicqm.console.home.page import home_context as home_context
