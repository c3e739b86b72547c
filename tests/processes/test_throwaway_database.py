import pytest
from django.db import connection

pytestmark = pytest.mark.django_db


def test_the_tests_database_is_a_real_postgresql_with_pgvector() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT '[1,2]'::vector <-> '[1,4]'::vector")
        assert cursor.fetchone() == (2.0,)


def test_the_applications_role_is_not_a_superuser() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == (False,)
