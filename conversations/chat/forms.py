"""What customers type into the sign-in pages. Whether it is right is for the services to say."""

from typing import Any

from django import forms

from conversations.words import word


class _SpokenForm(forms.Form):
    """Its labels are in the reader's language."""

    words: dict[str, str] = {}  # field: its label's name among the words of pages

    def __init__(self, *args: Any, language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field, name in self.words.items():
            self.fields[field].label = word(language, "page", name)


class AddressForm(_SpokenForm):
    words = {"email": "address"}
    email = forms.CharField(
        max_length=320,
        widget=forms.EmailInput(
            attrs={"autocomplete": "email", "autofocus": True, "placeholder": "you@example.com", "dir": "ltr"}
        ),
    )


class CodeForm(_SpokenForm):
    words = {"code": "code"}
    code = forms.CharField(
        max_length=20,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "one-time-code",
                "inputmode": "numeric",
                "autofocus": True,
                "class": "code",
                "dir": "ltr",
            }
        ),
    )

    def __init__(self, *args: Any, language: str, digits: int = 6, **kwargs: Any) -> None:
        super().__init__(*args, language=language, **kwargs)
        if digits != 6:
            self.fields["code"].label = word(language, "page", "code_digits", digits=digits)
