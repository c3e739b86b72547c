"""Terms: the words of questions and documents in the form in which they are compared."""

from concurrent.futures import ThreadPoolExecutor

from knowledge.terms import terms_of


def test_inflected_forms_are_one_term():
    assert set(terms_of("charge charged charges charging")) == {"charg"}


def test_repetitions_and_order_are_kept_and_stop_words_are_not():
    assert terms_of("What is the fee? The fee of my card!") == ["fee", "fee", "card"]


def test_case_width_and_possessives_make_no_difference():
    assert terms_of("CUSTOMER’S ﬁle Ｃａｒｄ") == terms_of("customer's file card") == ["custom", "file", "card"]


def test_numbers_and_codes_are_terms():
    assert terms_of("error E-42, order 1234567") == ["error", "e", "42", "order", "1234567"]


def test_endless_runs_are_no_words():
    assert terms_of("x" * 41 + " card") == ["card"]


def test_many_threads_stem_alike():
    words = [f"running{number}s charged{number}" for number in range(300)]
    expected = [terms_of(word) for word in words]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(terms_of, words * 4)) == expected * 4
