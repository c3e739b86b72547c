"""The Salesforce kit, as far as it can be looked at without an org; Jest tests the panel itself (`make test`)."""

import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml

from tests.running import ROOT

KIT = ROOT / "integrations" / "salesforce"
SOURCE = KIT / "force-app" / "main" / "default"
CASES = KIT / "cases" / "main" / "default"
NAMESPACE = "{http://soap.sforce.com/2006/04/metadata}"


def trimming() -> ModuleType:
    spec = importlib.util.spec_from_file_location("trim", KIT / "external-service" / "trim.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def objects_in(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, dict):
        return [value, *(found for inner in value.values() for found in objects_in(inner))]
    return [found for inner in value for found in objects_in(inner)] if isinstance(value, list) else []


class TestExternalService:
    def test_it_is_what_the_schema_says(self) -> None:
        trim = trimming()
        wanted = trim.trimmed_text(yaml.safe_load(trim.SCHEMA.read_text()))
        assert trim.TRIMMED.read_text() == wanted, "run: python integrations/salesforce/external-service/trim.py"

    def test_it_holds_nothing_that_external_services_do_not_take(self) -> None:
        schema = json.loads((KIT / "external-service" / "omnicqm.json").read_text())
        for found in objects_in(schema):
            assert not {"oneOf", "anyOf", "allOf", "nullable", "headers", "security", "examples"} & set(found)
            assert len(str(found.get("description", ""))) <= 255
        names = [*schema["components"]["schemas"], "insight_ask", "feedback_give"]
        assert all(re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name) for name in names), "they become names in Apex"

    def test_every_reference_leads_somewhere(self) -> None:
        schema = json.loads((KIT / "external-service" / "omnicqm.json").read_text())
        referred = {found["$ref"].rpartition("/")[2] for found in objects_in(schema) if "$ref" in found}
        assert referred <= set(schema["components"]["schemas"])


class TestMetadata:
    @pytest.mark.parametrize(
        "file", sorted([*SOURCE.rglob("*.xml"), *CASES.rglob("*.xml")]), ids=lambda file: file.name
    )
    def test_every_file_is_xml_of_its_kind(self, file: Path) -> None:
        kind = ElementTree.parse(file).getroot().tag.removeprefix(NAMESPACE)
        suffix = file.name.removesuffix("-meta.xml").rpartition(".")[2]
        kinds = {"cls": "ApexClass", "js": "LightningComponentBundle", "md": "CustomMetadata", "object": "CustomObject"}
        kinds |= {"field": "CustomField", "permissionset": "PermissionSet"}
        kinds |= {"namedCredential": "NamedCredential", "externalCredential": "ExternalCredential"}
        assert kind == kinds[suffix]

    def test_no_secret_is_in_it(self) -> None:
        text = (SOURCE / "externalCredentials" / "OmniCQM.externalCredential-meta.xml").read_text()
        assert (
            "secret"
            not in re.sub(r"ClientCredentialsClientSecretBasic|<description>.*</description>", "", text).lower()
        )

    def test_the_parts_name_each_other(self) -> None:
        def text(path: str) -> str:
            return (SOURCE / path).read_text()

        assert "'callout:OmniCQM/api/v1'" in text("classes/OmnicqmInsights.cls")
        assert "<externalCredential>OmniCQM<" in text("namedCredentials/OmniCQM.namedCredential-meta.xml")
        granted = text("permissionsets/OmniCQM_Insights.permissionset-meta.xml")
        assert "<apexClass>OmnicqmInsights<" in granted
        assert "<externalCredentialPrincipal>OmniCQM-Service<" in granted

    def test_apex_reads_fields_that_the_api_gives(self) -> None:
        schema = yaml.safe_load((ROOT / "docs" / "openapi.yaml").read_text())
        given = schema["components"]["schemas"]["InsightOut"]["properties"]
        apex = (SOURCE / "classes" / "OmnicqmInsights.cls").read_text()
        answer = re.search(r"private class Answer \{(.*?)\n    \}", apex, re.DOTALL)[1]
        assert set(re.findall(r"public \w+ (\w+);", answer)) <= set(given)

    def test_our_id_finds_one_case_and_the_permission_set_lets_it(self) -> None:
        ours = ElementTree.parse(CASES / "objects/Case/fields/OmniCQM_Id__c.field-meta.xml").getroot()
        assert [ours.findtext(f"{NAMESPACE}{name}") for name in ("externalId", "unique")] == ["true", "true"]
        granted = ElementTree.parse(CASES / "permissionsets/OmniCQM_Cases.permissionset-meta.xml").getroot()
        named = {field.text for field in granted.iter(f"{NAMESPACE}field")}
        made = {f"Case.{file.name.partition('.')[0]}" for file in (CASES / "objects/Case/fields").iterdir()}
        assert made <= named


def test_the_lock_file_names_no_registry() -> None:
    lock = json.loads((KIT / "package-lock.json").read_text())
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert not [name for name, package in packages.items() if "resolved" in package]
    assert not [name for name, package in packages.items() if "integrity" not in package]
