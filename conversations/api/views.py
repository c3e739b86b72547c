"""The REST door of conversations: parse, call one service, answer."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

from asgiref.sync import sync_to_async
from django.db import connections
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from conversations.api.examples import QUERY_ACCEPTED, QUERY_ANSWERED, QUERY_MAIL
from conversations.api.inbound import inbound_build
from conversations.api.serializers import (
    ConversationOut,
    CustomerMergeIn,
    CustomerOut,
    CustomerSplitIn,
    MessagesOut,
    QueryAccepted,
    QueryIn,
    QueryOut,
)
from conversations.errors import CustomerNotFound
from conversations.identity import customer_merge, customer_split
from conversations.models import Customer, Query
from conversations.selectors import (
    conversation_get,
    customer_find,
    customer_get,
    messages_after,
    query_document,
    query_get_for_client,
)
from conversations.services.accept import Accepted, message_accept
from omnicqm.common.api.authentication import client_of
from omnicqm.common.api.idempotency import idempotent
from omnicqm.common.errors import InvalidInput

RETRY_AFTER_SECONDS = 1
MAX_WAIT_SECONDS = 25
POLL_SECONDS = 0.05
PAGE_MESSAGES = 200


class QueryCreateView(APIView):
    """Send a customer's message in."""

    required_scopes = {"POST": ["queries:write"]}

    @extend_schema(
        operation_id="query_create",
        summary="Send a message in",
        request=QueryIn,
        responses={200: QueryOut, 202: QueryAccepted},
        examples=[QUERY_MAIL, QUERY_ACCEPTED],
        parameters=[
            OpenApiParameter("Prefer", str, OpenApiParameter.HEADER, description="`wait=N`: up to 25 s for the answer")
        ],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Stores the message and answers 202: from then on nothing is lost. The same (channel_id, external_id) again
        gets the same request_id."""
        fields = _validated(QueryIn(data=request.data))
        accepted = message_accept(inbound=inbound_build(fields, client=client_of(request)))
        return _accepted_response(request, accepted)


class QueryView(APIView):
    """How a query stands."""

    required_scopes = {"GET": ["queries:read"]}

    @extend_schema(
        operation_id="query_get",
        summary="How a query stands",
        responses={200: QueryOut, 202: QueryOut},
        examples=[QUERY_ANSWERED],
    )
    def get(self, request: Request, request_id: str) -> Response:
        """202 while it is pending, then 200. Only the client that sent a query may read it."""
        return _query_response(query_get_for_client(request_id=request_id, client=client_of(request)))


class ConversationView(APIView):
    required_scopes = {"GET": ["conversations:read"]}

    @extend_schema(
        operation_id="conversation_get", summary="A conversation with its messages", responses=ConversationOut
    )
    def get(self, request: Request, conversation_id: str) -> Response:
        """A conversation with its messages on all channels; internal notes are left out."""
        return Response(ConversationOut(conversation_get(conversation_id=conversation_id)).data)


class MessagesView(APIView):
    required_scopes = {"GET": ["conversations:read"]}

    @extend_schema(
        operation_id="conversation_messages",
        summary="Messages after a sequence number",
        responses=MessagesOut,
        parameters=[
            OpenApiParameter("after", int, description="sequence number; only later messages are returned"),
            OpenApiParameter("limit", int, description=f"1 to {PAGE_MESSAGES}"),
        ],
    )
    def get(self, request: Request, conversation_id: str) -> Response:
        """The messages after a sequence number, in order."""
        conversation = conversation_get(conversation_id=conversation_id)
        after = _number(request, "after", 0, low=0, high=2**31 - 1)
        limit = _number(request, "limit", PAGE_MESSAGES, low=1, high=PAGE_MESSAGES)
        messages = messages_after(conversation=conversation, seq=after)[:limit]
        page = {"conversation_id": conversation.pk, "last_seq": conversation.last_seq, "messages": messages}
        return Response(MessagesOut(page).data)


class CustomerView(APIView):
    required_scopes = {"GET": ["customers:read"]}

    @extend_schema(operation_id="customer_get", summary="A customer with identities", responses=CustomerOut)
    def get(self, request: Request, customer_id: str) -> Response:
        """The canonical customer; a merged one leads to the one that took it over."""
        return Response(CustomerOut(customer_get(customer_id=customer_id)).data)


class CustomerMergeView(APIView):
    required_scopes = {"POST": ["customers:write"]}

    @extend_schema(
        operation_id="customer_merge",
        summary="Let a customer take over another",
        request=CustomerMergeIn,
        responses=CustomerOut,
    )
    @idempotent
    def post(self, request: Request, customer_id: str) -> Response:
        """Let this customer take over another's identities and conversations. Answers the customer that stays."""
        fields = _validated(CustomerMergeIn(data=request.data))
        absorbed = Customer.objects.filter(pk=fields["customer_id"]).first()
        if absorbed is None:
            raise CustomerNotFound("There is no such customer to merge.", param="customer_id")
        customer = customer_merge(
            customer=customer_get(customer_id=customer_id),
            absorbed=absorbed,
            actor=f"client:{client_of(request)}",
            evidence=fields["evidence"],
        )
        return Response(CustomerOut(customer).data)


class CustomerSplitView(APIView):
    required_scopes = {"POST": ["customers:write"]}

    @extend_schema(
        operation_id="customer_split",
        summary="Give identities to a new customer",
        request=CustomerSplitIn,
        responses={201: CustomerOut},
    )
    @idempotent
    def post(self, request: Request, customer_id: str) -> Response:
        """Give some identities of this customer to a new one, with the conversations only they wrote in."""
        fields = _validated(CustomerSplitIn(data=request.data))
        created = customer_split(
            customer=customer_get(customer_id=customer_id),
            identity_ids=fields["identity_ids"],
            actor=f"client:{client_of(request)}",
            evidence=fields["evidence"],
        )
        return Response(CustomerOut(created).data, status=201)


class CustomersView(APIView):
    required_scopes = {"GET": ["customers:read"]}

    @extend_schema(
        operation_id="customers_find",
        summary="Find a customer by an identity",
        responses=CustomerOut(many=True),
        parameters=[
            OpenApiParameter(
                "identity",
                str,
                required=True,
                description="kind and value: email, phone, account and others",
                examples=[OpenApiExample("By e-mail", value="email:priya.raman@example.org")],
            )
        ],
    )
    def get(self, request: Request) -> Response:
        """The customer known by an identity: a list of one, or an empty one."""
        found = customer_find(identity=request.query_params.get("identity", ""))
        customers: list[Customer] = [found] if found else []
        return Response(CustomerOut(customers, many=True).data)


def _validated(serializer: Serializer[Any]) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def _accepted_response(request: Request, accepted: Accepted) -> Response:
    query, conversation = accepted.query, accepted.message.conversation
    status_url = request.build_absolute_uri(reverse("query", args=[query.pk]))
    body = {
        "request_id": query.pk,
        "conversation_id": conversation.pk,
        "reference": conversation.reference,
        "customer_id": conversation.customer_id,
        "status": query.status,
        "status_url": status_url,
    }
    headers = {"Location": status_url, "Retry-After": str(RETRY_AFTER_SECONDS)}
    return Response(QueryAccepted(body).data, status=202, headers=headers)


def _query_response(query: Query) -> Response:
    document = QueryOut(query_document(query)).data
    if query.is_pending:
        return Response(document, status=202, headers={"Retry-After": str(RETRY_AFTER_SECONDS)})
    return Response(document)


def _number(request: Request, name: str, default: int, *, low: int, high: int) -> int:
    value = request.query_params.get(name, str(default))
    if not (value.isascii() and value.isdigit() and len(value) <= 12 and low <= int(value) <= high):
        raise InvalidInput(f"{name} must be a whole number from {low} to {high}.", param=name)
    return int(value)


# --- Prefer: wait ----------------------------------------------------------------------------------------------------
def preferring_wait(create: Callable[..., HttpResponse], read: Callable[..., HttpResponse]) -> Callable[..., Any]:
    """`create` as an async view that obeys ``Prefer: wait=N`` by answering with `read` once the query has ended.

    The request's database connection goes back to the pool while it waits.
    """

    @csrf_exempt
    async def view(request: HttpRequest, **arguments: Any) -> HttpResponse:
        response = await sync_to_async(create)(request, **arguments)
        seconds = _wait_seconds(request)
        if response.status_code != 202 or seconds is None:
            return response
        request_id = response.data["request_id"]  # type: ignore[attr-defined]
        if await _ended(request_id, seconds):
            request.method = "GET"
            ended = await sync_to_async(read)(request, request_id=request_id)
            # A client that may only write, or repeats another's external_id, cannot read it: the 202 stays the answer.
            if ended.status_code == 200:
                ended["Allow"] = response["Allow"]
                response = ended
        response["Preference-Applied"] = f"wait={seconds}"
        return response

    view.cls = create.cls  # type: ignore[attr-defined]  # what the schema generator looks for
    view.view_class = create.view_class  # type: ignore[attr-defined]
    view.initkwargs = create.initkwargs  # type: ignore[attr-defined]
    return view


def _wait_seconds(request: HttpRequest) -> int | None:
    """N of ``Prefer: wait=N``, at most 25; anything else is no preference (RFC 7240 lets a server ignore it)."""
    for preference in request.headers.get("Prefer", "").split(","):
        name, _, value = preference.partition("=")
        if name.strip().lower() == "wait" and value.strip().isascii() and value.strip().isdigit():
            return min(int(value.strip()[:9]), MAX_WAIT_SECONDS)
    return None


async def _ended(request_id: str, seconds: int) -> bool:
    deadline, pause = time.monotonic() + seconds, POLL_SECONDS
    while True:
        if not await sync_to_async(_is_pending)(request_id):
            return True
        if time.monotonic() >= deadline:
            return False
        await asyncio.sleep(pause)
        pause = min(pause * 1.5, 0.5)


def _is_pending(request_id: str) -> bool:
    try:
        return Query.objects.filter(pk=request_id, status__in=Query.PENDING).exists()
    finally:
        connections.close_all()
