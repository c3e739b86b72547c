"""Which secrets open the token endpoint."""

from typing import Any

from oauth2_provider.oauth2_validators import OAuth2Validator

from omnicqm.common.selectors.clients import client_is_revoked, earlier_secret_of


class ClientValidator(OAuth2Validator):
    """The toolkit's checks; an earlier secret opens too during its overlap, and nothing does for a revoked client."""

    def _load_application(self, client_id: str, request: Any) -> Any:
        application = super()._load_application(client_id, request)
        if application is not None and client_is_revoked(application):
            request.client = None
            return None
        return application

    def _check_secret(self, provided_secret: str, stored_secret: str) -> bool:
        if super()._check_secret(provided_secret, stored_secret):
            return True
        earlier = earlier_secret_of(stored_secret)
        return bool(earlier) and super()._check_secret(provided_secret, earlier)
