from tests.property.cuts import check_all


def test_a_cut_at_any_character_gives_no_wrong_scalar_and_loses_nothing_closed():
    assert check_all(5, seed=3) > 500
