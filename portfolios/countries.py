"""Country names as the tests know them, by ISO 3166 code and the spellings that tapes use: a typo must not move par."""

from __future__ import annotations

_NAMES = """
US:USA|United States|United States of America|U.S.|U.S.A.
CA:Canada
GB:United Kingdom|UK|Great Britain|England|Scotland|Wales
AU:Australia
NZ:New Zealand
NL:Netherlands|The Netherlands|Holland
DE:Germany
SE:Sweden
CH:Switzerland
IE:Ireland
AT:Austria
BE:Belgium
DK:Denmark
FI:Finland
FR:France
IS:Iceland
LI:Liechtenstein
LU:Luxembourg
NO:Norway
ES:Spain
IT:Italy
PT:Portugal
GR:Greece
PL:Poland
CZ:Czech Republic|Czechia
HU:Hungary
RO:Romania
JP:Japan
KR:South Korea|Korea, Republic of
SG:Singapore
HK:Hong Kong
CN:China
IN:India
BR:Brazil
MX:Mexico
CL:Chile
CO:Colombia
PE:Peru
AR:Argentina
PA:Panama
PR:Puerto Rico
IL:Israel
TR:Turkey|Türkiye
ZA:South Africa
AE:United Arab Emirates
SA:Saudi Arabia
QA:Qatar
BS:Bahamas|The Bahamas
BM:Bermuda
VG:British Virgin Islands|Virgin Islands (British)|BVI
KY:Cayman Islands|Cayman
JE:Jersey
GG:Guernsey
IM:Isle of Man
XC:Channel Islands
AN:Netherlands Antilles
CW:Curaçao|Curacao
MT:Malta
CY:Cyprus
GI:Gibraltar
MC:Monaco
MU:Mauritius
MH:Marshall Islands
LR:Liberia
EE:Estonia
LV:Latvia
LT:Lithuania
SK:Slovakia
SI:Slovenia
HR:Croatia
BG:Bulgaria
ID:Indonesia
MY:Malaysia
TH:Thailand
PH:Philippines
TW:Taiwan
VN:Vietnam
"""
_SPELLINGS: dict[str, str] = {}
for _line in _NAMES.strip().splitlines():
    _code, _, _spelt = _line.partition(":")
    _first = _spelt.split("|")[0]
    _SPELLINGS.update({each.casefold(): _first for each in (_code, *_spelt.split("|"))})


def country_name(text: str) -> str | None:
    """The name that deals use; None for a spelling that is not known.

    >>> country_name("cayman")
    'Cayman Islands'
    """
    return _SPELLINGS.get(" ".join(text.split()).casefold())
