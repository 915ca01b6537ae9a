"""Countries by ISO 3166-1: two-letter code, three-letter code, and the names people write in English.

A table of its own: the facts are few and change every other year, and a library brings megabytes of them.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType

from prm.common.names import fold

_TABLE = """
AD AND Andorra; AE ARE United Arab Emirates; AF AFG Afghanistan; AG ATG Antigua and Barbuda; AI AIA Anguilla;
AL ALB Albania; AM ARM Armenia; AO AGO Angola; AQ ATA Antarctica; AR ARG Argentina; AS ASM American Samoa;
AT AUT Austria; AU AUS Australia; AW ABW Aruba; AX ALA Åland Islands; AZ AZE Azerbaijan;
BA BIH Bosnia and Herzegovina; BB BRB Barbados; BD BGD Bangladesh; BE BEL Belgium; BF BFA Burkina Faso;
BG BGR Bulgaria; BH BHR Bahrain; BI BDI Burundi; BJ BEN Benin; BL BLM Saint Barthélemy; BM BMU Bermuda;
BN BRN Brunei; BO BOL Bolivia; BQ BES Caribbean Netherlands; BR BRA Brazil; BS BHS Bahamas; BT BTN Bhutan;
BV BVT Bouvet Island; BW BWA Botswana; BY BLR Belarus; BZ BLZ Belize; CA CAN Canada; CC CCK Cocos Islands;
CD COD DR Congo; CF CAF Central African Republic; CG COG Congo; CH CHE Switzerland; CI CIV Côte d’Ivoire;
CK COK Cook Islands; CL CHL Chile; CM CMR Cameroon; CN CHN China; CO COL Colombia; CR CRI Costa Rica;
CU CUB Cuba; CV CPV Cape Verde; CW CUW Curaçao; CX CXR Christmas Island; CY CYP Cyprus; CZ CZE Czechia;
DE DEU Germany; DJ DJI Djibouti; DK DNK Denmark; DM DMA Dominica; DO DOM Dominican Republic; DZ DZA Algeria;
EC ECU Ecuador; EE EST Estonia; EG EGY Egypt; EH ESH Western Sahara; ER ERI Eritrea; ES ESP Spain;
ET ETH Ethiopia; FI FIN Finland; FJ FJI Fiji; FK FLK Falkland Islands; FM FSM Micronesia; FO FRO Faroe Islands;
FR FRA France; GA GAB Gabon; GB GBR United Kingdom; GD GRD Grenada; GE GEO Georgia; GF GUF French Guiana;
GG GGY Guernsey; GH GHA Ghana; GI GIB Gibraltar; GL GRL Greenland; GM GMB Gambia; GN GIN Guinea;
GP GLP Guadeloupe; GQ GNQ Equatorial Guinea; GR GRC Greece;
GS SGS South Georgia and the South Sandwich Islands; GT GTM Guatemala; GU GUM Guam; GW GNB Guinea-Bissau;
GY GUY Guyana; HK HKG Hong Kong; HM HMD Heard Island and McDonald Islands; HN HND Honduras; HR HRV Croatia;
HT HTI Haiti; HU HUN Hungary; ID IDN Indonesia; IE IRL Ireland; IL ISR Israel; IM IMN Isle of Man;
IN IND India; IO IOT British Indian Ocean Territory; IQ IRQ Iraq; IR IRN Iran; IS ISL Iceland; IT ITA Italy;
JE JEY Jersey; JM JAM Jamaica; JO JOR Jordan; JP JPN Japan; KE KEN Kenya; KG KGZ Kyrgyzstan; KH KHM Cambodia;
KI KIR Kiribati; KM COM Comoros; KN KNA Saint Kitts and Nevis; KP PRK North Korea; KR KOR South Korea;
KW KWT Kuwait; KY CYM Cayman Islands; KZ KAZ Kazakhstan; LA LAO Laos; LB LBN Lebanon; LC LCA Saint Lucia;
LI LIE Liechtenstein; LK LKA Sri Lanka; LR LBR Liberia; LS LSO Lesotho; LT LTU Lithuania; LU LUX Luxembourg;
LV LVA Latvia; LY LBY Libya; MA MAR Morocco; MC MCO Monaco; MD MDA Moldova; ME MNE Montenegro;
MF MAF Saint Martin; MG MDG Madagascar; MH MHL Marshall Islands; MK MKD North Macedonia; ML MLI Mali;
MM MMR Myanmar; MN MNG Mongolia; MO MAC Macao; MP MNP Northern Mariana Islands; MQ MTQ Martinique;
MR MRT Mauritania; MS MSR Montserrat; MT MLT Malta; MU MUS Mauritius; MV MDV Maldives; MW MWI Malawi;
MX MEX Mexico; MY MYS Malaysia; MZ MOZ Mozambique; NA NAM Namibia; NC NCL New Caledonia; NE NER Niger;
NF NFK Norfolk Island; NG NGA Nigeria; NI NIC Nicaragua; NL NLD Netherlands; NO NOR Norway; NP NPL Nepal;
NR NRU Nauru; NU NIU Niue; NZ NZL New Zealand; OM OMN Oman; PA PAN Panama; PE PER Peru;
PF PYF French Polynesia; PG PNG Papua New Guinea; PH PHL Philippines; PK PAK Pakistan; PL POL Poland;
PM SPM Saint Pierre and Miquelon; PN PCN Pitcairn; PR PRI Puerto Rico; PS PSE Palestine; PT PRT Portugal;
PW PLW Palau; PY PRY Paraguay; QA QAT Qatar; RE REU Réunion; RO ROU Romania; RS SRB Serbia; RU RUS Russia;
RW RWA Rwanda; SA SAU Saudi Arabia; SB SLB Solomon Islands; SC SYC Seychelles; SD SDN Sudan; SE SWE Sweden;
SG SGP Singapore; SH SHN Saint Helena; SI SVN Slovenia; SJ SJM Svalbard and Jan Mayen; SK SVK Slovakia;
SL SLE Sierra Leone; SM SMR San Marino; SN SEN Senegal; SO SOM Somalia; SR SUR Suriname; SS SSD South Sudan;
ST STP São Tomé and Príncipe; SV SLV El Salvador; SX SXM Sint Maarten; SY SYR Syria; SZ SWZ Eswatini;
TC TCA Turks and Caicos Islands; TD TCD Chad; TF ATF French Southern Territories; TG TGO Togo; TH THA Thailand;
TJ TJK Tajikistan; TK TKL Tokelau; TL TLS Timor-Leste; TM TKM Turkmenistan; TN TUN Tunisia; TO TON Tonga;
TR TUR Türkiye; TT TTO Trinidad and Tobago; TV TUV Tuvalu; TW TWN Taiwan; TZ TZA Tanzania; UA UKR Ukraine;
UG UGA Uganda; UM UMI U.S. Outlying Islands; US USA United States; UY URY Uruguay; UZ UZB Uzbekistan;
VA VAT Vatican City; VC VCT Saint Vincent and the Grenadines; VE VEN Venezuela; VG VGB British Virgin Islands;
VI VIR U.S. Virgin Islands; VN VNM Vietnam; VU VUT Vanuatu; WF WLF Wallis and Futuna; WS WSM Samoa;
YE YEM Yemen; YT MYT Mayotte; ZA ZAF South Africa; ZM ZMB Zambia; ZW ZWE Zimbabwe
"""

# Names in use beside the table's own; parts of a country stand for the country they belong to in ISO 3166-1.
_ALSO = """
AE Emirates; AE UAE; AT Oesterreich; AT Österreich; AU Commonwealth of Australia; BA Bosnia; BE Belgique;
BE België; BN Brunei Darussalam; BO Bolivia, Plurinational State of; BO Plurinational State of Bolivia;
BQ Bonaire, Sint Eustatius and Saba; BR Brasil; CC Cocos (Keeling) Islands;
CD Congo, The Democratic Republic of the; CD Congo-Kinshasa; CD Democratic Republic of the Congo;
CG Congo-Brazzaville; CG Republic of the Congo; CH Schweiz; CH Suisse; CH Svizzera; CI Ivory Coast;
CN Mainland China; CN PR China; CN People's Republic of China; CV Cabo Verde; CZ Czech Republic; DE Allemagne;
DE Deutschland; DE Federal Republic of Germany; DK Danmark; ES España; FI Suomi;
FK Falkland Islands (Malvinas); FM Federated States of Micronesia; FM Micronesia, Federated States of;
FR French Republic; GB Britain; GB England; GB Great Britain; GB Northern Ireland; GB Scotland; GB U.K.; GB UK;
GB United Kingdom of Great Britain and Northern Ireland; GB Wales; GM The Gambia; GR Hellas; HK Hong Kong SAR;
HK Hong Kong SAR China; HK Hong Kong, China; HU Magyarország; IE Eire; IE Republic of Ireland;
IR Iran, Islamic Republic of; IR Islamic Republic of Iran; IT Italia; KN St Kitts and Nevis;
KP Democratic People's Republic of Korea; KP Korea, Democratic People's Republic of; KR Korea;
KR Korea (South); KR Korea South; KR Korea, Republic of; KR Republic of Korea; LA Lao PDR;
LA Lao People's Democratic Republic; LA Laos; LC St Lucia; LU Luxemburg; MD Moldova, Republic of;
MD Republic of Moldova; MF Saint Martin (French part); MK Macedonia; MK Republic of North Macedonia; MM Burma;
MO Macao SAR; MO Macau; MX México; NL Holland; NL Nederland; NL The Netherlands; NO Norge; PH The Philippines;
PL Polska; PS Palestine, State of; PS Palestinian Territories; PS State of Palestine; RU Russian Federation;
SA KSA; SE Sverige; SH Saint Helena, Ascension and Tristan da Cunha; SK Slovak Republic;
SX Sint Maarten (Dutch part); SY Syrian Arab Republic; SZ Swaziland; TL East Timor; TR Turkey;
TW Chinese Taipei; TW Republic of China; TW Taiwan, Province of China; TZ Tanzania, United Republic of;
TZ United Republic of Tanzania; UM United States Minor Outlying Islands; US America; US U.S.; US U.S.A.;
US USA; US United States of America; VA Holy See; VA Holy See (Vatican City State); VA Vatican;
VC St Vincent and the Grenadines; VE Bolivarian Republic of Venezuela; VE Venezuela, Bolivarian Republic of;
VG Virgin Islands, British; VI Virgin Islands (U.S.); VI Virgin Islands, U.S.; VN Viet Nam; XK Kosovo; ZA RSA
"""


def _entries(text: str) -> list[str]:
    return [" ".join(entry.split()) for entry in text.split(";")]


_ROWS = [entry.split(" ", 2) for entry in _entries(_TABLE)]

COUNTRIES: Mapping[str, str] = MappingProxyType({alpha2: name for alpha2, _alpha3, name in _ROWS} | {"XK": "Kosovo"})
"""English short name by two-letter code; Kosovo under the code in general use, XK."""

_BY_NAME = (
    {fold(alpha2): alpha2 for alpha2, _alpha3, _name in _ROWS}
    | {fold(alpha3): alpha2 for alpha2, alpha3, _name in _ROWS}
    | {fold(name): alpha2 for alpha2, _alpha3, name in _ROWS}
    | {fold(name): alpha2 for alpha2, name in (entry.split(" ", 1) for entry in _entries(_ALSO))}
    | {"xk": "XK", "xkx": "XK"}
)
# "The Republic of …", "Hashemite Kingdom of …": what is left is the name; those where it isn't are in the table.
_STYLE = re.compile(
    r"^(the )?(([a-z]+ )*(republic|kingdom|state|commonwealth|sultanate|principality|duchy) of (the )?)?"
)


def country_code(text: str) -> str | None:
    """The two-letter code of a country given by code (two or three letters) or English name; None if unknown."""
    name = fold(text.replace("&", " and "))
    return _BY_NAME.get(name) or _BY_NAME.get(_STYLE.sub("", name))
