"""How the libraries behind the API are set up, imported by settings. Plain data and dotted paths only."""

from typing import Any

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["omnicqm.common.api.authentication.BearerAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["omnicqm.common.api.permissions.HasScopes"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["omnicqm.common.api.parsers.LimitedJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "omnicqm.common.api.problems.problem_handler",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "OmniCQM API",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "OAS_VERSION": "3.0.3",
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "ENUM_NAME_OVERRIDES": {
        "QueryStatusEnum": "conversations.models.Query.Status",
        "ConversationStatusEnum": "conversations.models.Conversation.Status",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "omnicqm.common.api.schema.common_describe",
    ],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}
API_SCOPES = {
    "queries:write": "Send customer messages in",
    "queries:read": "Read queries and their answers",
    "conversations:read": "Read conversations and their messages",
    "customers:read": "Read customers and their identities",
    "customers:write": "Merge and split customers",
    "knowledge:read": "Search the knowledge base",
    "knowledge:write": "Upload and delete documents",
    "interactions:write": "Record touches with customers on other systems",
    "insights:read": "Ask for a summary of a customer's recent interactions",
    "voice:write": "Turn recordings of speech into text",
    "feedback:write": "Say whether an insight or a reply was helpful",
    "metrics:read": "Read figures about the system, for Prometheus",
    "analytics:read": "Ask for figures",
}
OAUTH2_PROVIDER: dict[str, Any] = {
    "ACCESS_TOKEN_EXPIRE_SECONDS": 3600,
    # What RFC 9700 recommends and the toolkit leaves off by default.
    "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": True,
    "COMPLIANT_BCP_RFC9700_IMPLICIT_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PASSWORD_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PKCE_METHOD": True,
    "COMPLIANT_BCP_RFC9700_ACCESS_TOKEN_TRANSPORT": True,
    "COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS": True,
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    "ALLOWED_REDIRECT_URI_SCHEMES": ["https"],
    "SCOPES_BACKEND_CLASS": "omnicqm.common.api.oauth.GrantedScopes",
    "OAUTH2_VALIDATOR_CLASS": "omnicqm.common.api.secrets.ClientValidator",
    "SCOPES": API_SCOPES,
}
