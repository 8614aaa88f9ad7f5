"""Decimal amounts of messages as whole minor units, which is all the ledger knows.

Source: ISO 4217, list one, column "Minor unit"; currencies not named here have two decimals.
"""

from decimal import ROUND_CEILING, Decimal

_DECIMALS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
_OTHER_THAN_TWO = {
    currency: places for places, currencies in _DECIMALS.items() for currency in currencies.split()
}


def decimals(currency: str) -> int:
    """Decimals of the minor unit of a currency, e.g. 2 for "EUR", 0 for "JPY"."""
    return _OTHER_THAN_TWO.get(currency, 2)


def minor_units(amount: str, currency: str) -> int | None:
    """ "1000.00" EUR → 100000. None if the amount is finer than the currency's minor unit.

    amount: a decimal number as the schema allows it, without exponent.
    """
    return whole(amount, decimals(currency))


def major_units(amount: int, currency: str) -> str:
    """100000 EUR → "1000.00 EUR", for people."""
    return f"{Decimal(amount).scaleb(-decimals(currency)):f} {currency}"


def whole(number: str, places: int) -> int | None:
    """The decimal number times 10^places, None if that is not whole."""
    scaled = Decimal(number).scaleb(places)
    return int(scaled) if scaled == scaled.to_integral_value() else None


def whole_rounded_up(number: str, places: int) -> int:
    """The decimal number times 10^places, to the next whole number above if it is not whole."""
    return int(Decimal(number).scaleb(places).to_integral_value(ROUND_CEILING))
