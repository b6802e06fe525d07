"""FpML 5: nine products out of data documents and request messages, as our side sees them.

The option type of a swaption is by who pays fixed in the underlying swap, seen from our side. A currency forward is seen in
the message's first currency, an option in the currency that its strike is a price of; comparing turns them like ours.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from lxml import etree

from engine.reconciliation.records import OTC_FIELDS, Book, Value, read_value
from reconciliation.reading.outcome import Limits, Reading, Refused, Unreadable
from reconciliation.reading.xml import child, children, descendant, local, namespace, place, text

NAMESPACE = "http://www.fpml.org/FpML-5/"
SIGNATURE = "http://www.w3.org/2000/09/xmldsig#"
UTI_SCHEME = "unique-transaction-identifier"
# Compiled once: a walk over every element in Python would cost more than all the reading.
FOREIGN = etree.XPath("(//*[not(starts-with(namespace-uri(), $ours) or namespace-uri() = $signature)])[1]")
TRADES = etree.XPath("//*[local-name() = 'trade']")
MONTHS_OF = {"M": 1, "Y": 12}
Texts = dict[str, str]


@dataclass(frozen=True, slots=True)
class Parties:
    """Who is who: our LEIs, and the house's code of each counterparty by LEI."""

    ours: frozenset[str]
    codes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Trade:
    """One trade element with the parties of its document."""

    element: etree._Element
    us: str
    them: str
    code: str

    def our_side(self, element: etree._Element | None, path: str, us: str, them: str) -> str:
        """`us` where the reference is to our party, `them` where it is to the other."""
        found = child(element, path)
        href = found.get("href") if found is not None else None
        if href == self.us:
            return us
        if href == self.them:
            return them
        raise Unreadable(
            "PARTY_UNKNOWN", path.rpartition("/")[2], f"Expected a reference to {self.us} or {self.them}, got {href}."
        )


def read_fpml(root: etree._Element, name: str, parties: Parties, limits: Limits) -> Reading:
    """A record for every trade of the document; Refused where it is not FpML 5 or nobody in it is us."""
    if not namespace(root).startswith(NAMESPACE):
        raise Refused("FORMAT_UNKNOWN", f"No reader knows {local(root)}: map it.", place(root))
    for each in FOREIGN(root, ours=NAMESPACE, signature=SIGNATURE):
        raise Refused("XML_UNKNOWN_ELEMENT", f"{local(each)} is no part of the format.", place(each))
    trades = TRADES(root)
    if not trades:
        raise Refused("FORMAT_UNKNOWN", f"{local(root)} holds no trade.", place(root))
    if len(trades) > limits.rows:
        raise Refused("TOO_MANY_ROWS", f"Expected at most {limits.rows:,} trades.")
    us, them, code = _sides(root, parties)
    reading = Reading(Book.OTC)
    for number, element in enumerate(trades, start=1):
        trade = Trade(element, us, them, code)
        own = name if len(trades) == 1 else f"{name}#{number}"
        reading.add(own, place(element), lambda trade=trade: _values(trade))  # type: ignore[misc]
    return reading


def _sides(root: etree._Element, parties: Parties) -> tuple[str, str, str]:
    """Our party's id in the document, the other's, and the other's code."""
    by_id = {str(each.get("id")): _party_ids(each) for each in children(root, "party")}
    us = next((name for name, ids in by_id.items() if ids & parties.ours), None)
    if us is None:
        raise Refused("PARTY_UNKNOWN", "None of its parties is us: expected one of our LEIs.", place(root))
    others = [name for name in by_id if name != us]
    known = [name for name in others if by_id[name] & set(parties.codes)]
    them = (known or others or [""])[0]
    lei = next(iter(sorted(by_id.get(them, set()))), "")
    code = next((parties.codes[each] for each in sorted(by_id.get(them, set())) if each in parties.codes), lei)
    return us, them, code


def _party_ids(party: etree._Element) -> set[str]:
    return {(each.text or "").strip().upper() for each in children(party, "partyId")}


def _values(trade: Trade) -> Mapping[str, Value]:
    header = child(trade.element, "tradeHeader")
    product = next((each for each in trade.element if local(each) not in {"", "tradeHeader"}), None)
    if header is None or product is None:
        raise Unreadable("FIELD_MISSING", "tradeHeader", "The trade has no header or no product.")
    reader = PRODUCTS.get(local(product))
    if reader is None:
        raise Unreadable(
            "PRODUCT_UNKNOWN", local(product), f"{local(product)} is none of the nine products that are read."
        )
    texts = {"counterparty": trade.code, "trade_date": text(header, "tradeDate"), **_identifiers(header, trade)}
    return _typed({**texts, **reader(trade, product)})


def _typed(texts: Texts) -> dict[str, Value]:
    values: dict[str, Value] = {}
    for name, found in texts.items():
        if found:
            try:
                values[name] = read_value(OTC_FIELDS[name], found)
            except ValueError as error:
                raise Unreadable("FIELD_UNREADABLE", name, f"{name}: {error}.") from None
    return values


def _identifiers(header: etree._Element, trade: Trade) -> Texts:
    found: Texts = {}
    for each in children(header, "partyTradeIdentifier"):
        reference = child(each, "partyReference")
        href = reference.get("href") if reference is not None else None
        for one in each.iter("{*}tradeId"):
            value = (one.text or "").strip()
            if UTI_SCHEME in str(one.get("tradeIdScheme", "")):
                found["uti"] = value
            elif href in {trade.us, trade.them}:
                found.setdefault("trade_id" if href == trade.us else "their_id", value)
    return found


def _date(element: etree._Element | None, path: str) -> str:
    """A date that may be adjustable."""
    found = child(element, path)
    if found is None:
        return ""
    date = descendant(found, "unadjustedDate")
    date = descendant(found, "adjustedDate") if date is None else date
    return ((date if date is not None else found).text or "").strip()


def _tenor(element: etree._Element | None) -> str:
    multiplier, period = text(element, "indexTenor/periodMultiplier"), text(element, "indexTenor/period")
    return f"{multiplier}{period}"


def _months(element: etree._Element | None, path: str) -> str:
    multiplier, period = text(element, f"{path}/periodMultiplier"), text(element, f"{path}/period")
    if not multiplier:
        return ""
    if period not in MONTHS_OF or not multiplier.lstrip("-").isdecimal():
        raise Unreadable("FIELD_UNREADABLE", path, f"Expected months or years, got {multiplier} {period}.")
    return str(int(multiplier) * MONTHS_OF[period])


def _legs(swap: etree._Element, stream: str = "swapStream") -> tuple[etree._Element, etree._Element]:
    """The fixed leg and the other one."""
    legs = list(children(swap, stream))
    fixed = [each for each in legs if descendant(each, "fixedRateSchedule") is not None]
    other = [each for each in legs if each not in fixed]
    if len(fixed) != 1 or len(other) != 1:
        raise Unreadable("PRODUCT_UNKNOWN", stream, "Expected one fixed and one floating leg.")
    return fixed[0], other[0]


def _leg_terms(leg: etree._Element) -> Texts:
    step = "calculationPeriodAmount/calculation/notionalSchedule/notionalStepSchedule"
    return {
        "effective_date": _date(leg, "calculationPeriodDates/effectiveDate"),
        "maturity_date": _date(leg, "calculationPeriodDates/terminationDate"),
        "notional": text(leg, f"{step}/initialValue"),
        "currency": text(leg, f"{step}/currency"),
    }


def _floating(leg: etree._Element) -> Texts:
    calculation = child(leg, "calculationPeriodAmount/calculation/floatingRateCalculation")
    spread = text(calculation, "spreadSchedule/initialValue")
    return {
        "index": text(calculation, "floatingRateIndex"),
        "index_tenor": _tenor(calculation),
        "spread": spread or "0",
    }


def _swap(trade: Trade, swap: etree._Element) -> Texts:
    fixed, other = _legs(swap)
    terms = {
        **_leg_terms(fixed),
        "rate": text(fixed, "calculationPeriodAmount/calculation/fixedRateSchedule/initialValue"),
        "side": trade.our_side(fixed, "payerPartyReference", "PAY_FIXED", "RECEIVE_FIXED"),
    }
    inflation = child(other, "calculationPeriodAmount/calculation/inflationRateCalculation")
    if inflation is None:
        return {"product": "swap", **terms, **_floating(other)}
    return {
        "product": "zcis",
        **terms,
        "index": text(inflation, "floatingRateIndex"),
        "lag_months": _months(inflation, "inflationLag"),
        "initial_index": text(inflation, "initialIndexLevel"),
    }


def _fra(trade: Trade, fra: etree._Element) -> Texts:
    return {
        "product": "fra",
        "side": trade.our_side(fra, "buyerPartyReference", "BUY", "SELL"),
        "effective_date": _date(fra, "adjustedEffectiveDate"),
        "maturity_date": _date(fra, "adjustedTerminationDate"),
        "notional": text(fra, "notional/amount"),
        "currency": text(fra, "notional/currency"),
        "rate": text(fra, "fixedRate"),
        "index": text(fra, "floatingRateIndex"),
        "index_tenor": _tenor(fra),
    }


def _cap_floor(trade: Trade, product: etree._Element) -> Texts:
    leg = child(product, "capFloorStream")
    calculation = child(leg, "calculationPeriodAmount/calculation/floatingRateCalculation")
    cap, floor = child(calculation, "capRateSchedule"), child(calculation, "floorRateSchedule")
    schedule = cap if cap is not None else floor
    if leg is None or schedule is None or (cap is not None and floor is not None):
        raise Unreadable("PRODUCT_UNKNOWN", "capFloorStream", "Expected a cap or a floor: a collar is two trades.")
    # Without a word on it the holder is who receives the floating payments.
    buyer = "payer" if text(schedule, "buyer") == "Payer" else "receiver"
    return {
        "product": "capFloor",
        "option_type": "CAP" if cap is not None else "FLOOR",
        "side": trade.our_side(leg, f"{buyer}PartyReference", "BUY", "SELL"),
        **_leg_terms(leg),
        "rate": text(schedule, "initialValue"),
        "index": text(calculation, "floatingRateIndex"),
        "index_tenor": _tenor(calculation),
        **_premium(product),
    }


def _premium(product: etree._Element) -> Texts:
    premium = child(product, "premium")
    return {"premium": text(premium, "paymentAmount/amount"), "premium_date": _date(premium, "paymentDate")}


def _swaption(trade: Trade, product: etree._Element) -> Texts:
    swap = child(product, "swap")
    if swap is None:
        raise Unreadable("FIELD_MISSING", "swap", "The swaption has no underlying swap.")
    terms = _swap(trade, swap)
    option = "PAYER" if terms["side"] == "PAY_FIXED" else "RECEIVER"
    exercise = next(
        (e for e in product if local(e) in {"europeanExercise", "americanExercise", "bermudaExercise"}), None
    )
    return {
        **terms,
        "product": "swaption",
        "option_type": option,
        "side": trade.our_side(product, "buyerPartyReference", "BUY", "SELL"),
        "expiry_date": _date(exercise, "expirationDate"),
        **_premium(product),
    }


def _fx_forward(trade: Trade, product: etree._Element) -> Texts:
    one, other = child(product, "exchangedCurrency1"), child(product, "exchangedCurrency2")
    terms = {
        "product": "fxForward",
        "side": trade.our_side(one, "receiverPartyReference", "BUY", "SELL"),
        "maturity_date": _date(product, "valueDate"),
        "notional": text(one, "paymentAmount/amount"),
        "currency": text(one, "paymentAmount/currency"),
        "notional2": text(other, "paymentAmount/amount"),
        "currency2": text(other, "paymentAmount/currency"),
    }
    quote = child(product, "exchangeRate/quotedCurrencyPair")
    base = text(quote, "currency1" if text(quote, "quoteBasis") == "Currency2PerCurrency1" else "currency2")
    return {**terms, "rate": _rate_for(terms["currency"], base, text(product, "exchangeRate/rate"))}


def _rate_for(currency: str, base: str, rate: str) -> str:
    """The rate for one unit of `currency`; turned where it is for one of the other."""
    if not rate or currency == base:
        return rate
    try:
        value = read_value(OTC_FIELDS["rate"], rate)
    except ValueError as error:
        raise Unreadable("FIELD_UNREADABLE", "rate", f"rate: {error}.") from None
    if not isinstance(value, Decimal) or not value:
        raise Unreadable("FIELD_OUT_OF_RANGE", "rate", "rate: expected a number above zero.")
    return format(1 / value, "f")


def _fx_option(trade: Trade, product: etree._Element) -> Texts:
    put, call = child(product, "putCurrencyAmount"), child(product, "callCurrencyAmount")
    is_put = text(product, "strike/strikeQuoteBasis") == "CallCurrencyPerPutCurrency"
    base, quote = (put, call) if is_put else (call, put)
    return {
        "product": "fxOption",
        "option_type": "PUT" if is_put else "CALL",
        "side": trade.our_side(product, "buyerPartyReference", "BUY", "SELL"),
        "maturity_date": _date(product, "europeanExercise/valueDate"),
        "expiry_date": _date(product, "europeanExercise/expiryDate"),
        "notional": text(base, "amount"),
        "currency": text(base, "currency"),
        "notional2": text(quote, "amount"),
        "currency2": text(quote, "currency"),
        "rate": text(product, "strike/rate"),
        **_premium(product),
    }


def _cds(trade: Trade, product: etree._Element) -> Texts:
    general = child(product, "generalTerms")
    reference = child(general, "referenceInformation/referenceEntity")
    return {
        "product": "cds",
        "side": trade.our_side(general, "buyerPartyReference", "BUY", "SELL"),
        "effective_date": _date(general, "effectiveDate"),
        "maturity_date": _date(general, "scheduledTerminationDate"),
        "notional": text(product, "protectionTerms/calculationAmount/amount"),
        "currency": text(product, "protectionTerms/calculationAmount/currency"),
        "rate": text(product, "feeLeg/periodicPayment/fixedAmountCalculation/fixedRate"),
        "reference_entity": text(reference, "entityName"),
    }


def _total_return(trade: Trade, product: etree._Element) -> Texts:
    leg, interest = child(product, "returnLeg"), child(product, "interestLeg")
    calculation = child(interest, "interestCalculation/floatingRateCalculation")
    price = descendant(child(leg, "rateOfReturn/initialPrice"), "amount")
    name = descendant(child(leg, "underlyer"), "instrumentId")
    return {
        "product": "trs",
        "side": trade.our_side(leg, "receiverPartyReference", "LONG", "SHORT"),
        "effective_date": _date(leg, "effectiveDate"),
        "maturity_date": _date(leg, "terminationDate"),
        "notional": text(leg, "notional/notionalAmount/amount"),
        "currency": text(leg, "notional/notionalAmount/currency"),
        "index": text(calculation, "floatingRateIndex"),
        "index_tenor": _tenor(calculation),
        "spread": text(calculation, "spreadSchedule/initialValue") or "0",
        "underlying": (name.text or "").strip() if name is not None else "",
        "price": (price.text or "").strip() if price is not None else "",
        "notional_reset": text(leg, "rateOfReturn/notionalReset"),
    }


PRODUCTS: dict[str, Callable[[Trade, Any], Texts]] = {
    "swap": _swap,
    "fra": _fra,
    "capFloor": _cap_floor,
    "swaption": _swaption,
    "fxSingleLeg": _fx_forward,
    "fxOption": _fx_option,
    "creditDefaultSwap": _cds,
    "returnSwap": _total_return,
}
