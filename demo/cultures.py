"""What people, companies and towns are called in the countries of the demo. Invented companies; towns are real."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Culture:
    """One country. `words` name a company's trade, `forms` its legal form; both as they are written there."""

    country: str
    currency: str
    phone: str
    first: tuple[str, ...]
    last: tuple[str, ...]
    towns: tuple[str, ...]
    words: tuple[str, ...]
    forms: tuple[str, ...]


def _culture(
    country: str, currency: str, phone: str, first: str, last: str, towns: str, words: str, forms: str
) -> Culture:
    lists = (tuple(text.split(", ")) for text in (first, last, towns, words, forms))
    return Culture(country, currency, phone, *lists)


CULTURES: dict[str, Culture] = {
    culture.country: culture
    for culture in (
        _culture(
            "US", "USD", "+1 303 555 01",
            "Emily, Marcus, Danielle, Tyrone, Grace, Kevin, Alicia, Noah, Renée, Luis, Hannah, Brandon, Mei, Jamal",
            "Whitaker, Delgado, Okafor, Lindgren, Brooks, Castellano, Nguyen, Harmon, Prescott, Vaughn, Tran, Beckett, Sandoval, Merriweather",
            "Denver, Columbus, Raleigh, Tucson, Omaha, Sacramento, Richmond",
            "Systems, Technology Partners, IT Solutions, Networks, Cloud Services, Data Group, Managed IT, Consulting",
            "Inc., LLC, Corp., Inc.",
        ),
        _culture(
            "CA", "CAD", "+1 902 555 01",
            "Étienne, Chloé, Liam, Priya, Marc-André, Sophie, Gurpreet, Heather, Mathieu, Aisha",
            "Tremblay, Gauthier, MacKinnon, Singh, Bélanger, Thibodeau, Fraser, Côté, Oyelaran, Wong",
            "Halifax, Winnipeg, Québec, Calgary, Hamilton",
            "Systems, Technologies, Réseaux, IT Services, Cloud, Solutions",
            "Inc., Ltd., Ltée",
        ),
        _culture(
            "MX", "MXN", "+52 55 5010 00",
            "Ximena, Alejandro, María José, Héctor, Lucía, Raúl, Fernanda, Joaquín",
            "Hernández, Peña, Ibarra, Zúñiga, Montaño, Villaseñor, Galván, Rentería",
            "Puebla, Mérida, León, Querétaro",
            "Sistemas, Tecnología, Redes, Soluciones TI, Nube",
            "S.A. de C.V., S. de R.L. de C.V.",
        ),
        _culture(
            "BR", "BRL", "+55 11 5550 00",
            "João, Beatriz, Thiago, Larissa, Vinícius, Camila, André, Luíza",
            "Gonçalves, Araújo, Figueiredo, Assunção, Nogueira, Brandão, Teixeira, Falcão",
            "Curitiba, Recife, Campinas, Florianópolis",
            "Informática, Tecnologia, Redes, Sistemas, Nuvem",
            "Ltda., S.A.",
        ),
        _culture(
            "GB", "GBP", "+44 1632 9600",
            "Imogen, Callum, Priyanka, Rhys, Fiona, Oluwaseun, Harriet, Ewan, Zainab, Gareth",
            "Hargreaves, Pritchard, Okonkwo, Fairbairn, Ashworth, Patel, McAllister, Llewellyn, Thistlewood, Begum",
            "Leeds, Bristol, Cardiff, Aberdeen, Norwich, Leicester",
            "Technology, IT, Networks, Systems, Cloud, Digital, Managed Services",
            "Ltd, Ltd, plc, LLP",
        ),
        _culture(
            "IE", "EUR", "+353 20 910 12",
            "Aoife, Ciarán, Niamh, Seán, Gráinne, Oisín",
            "O’Driscoll, Gallagher, Brennan, Kearney, Fitzgibbon, O’Shaughnessy",
            "Cork, Galway, Limerick",
            "Systems, IT Solutions, Networks, Technology",
            "Ltd, DAC",
        ),
        _culture(
            "FR", "EUR", "+33 1 99 00 12 ",
            "Amélie, Benoît, Inès, Jérôme, Maëlys, Théo, Noémie, François, Yasmine, Loïc",
            "Lefèvre, Béranger, Chauvin, Delaunay, Guérin, Marchetti, Benali, Roussillon, Péchard, Vasseur",
            "Nantes, Lyon, Rennes, Montpellier, Besançon",
            "Informatique, Réseaux, Systèmes, Conseil, Numérique, Infogérance",
            "SARL, SAS, SA",
        ),
        _culture(
            "ES", "EUR", "+34 910 555 0",
            "Íñigo, Nuria, Álvaro, Begoña, Sergio, Marta, Andrés, Montserrat",
            "Echeverría, Ibáñez, Muñoz, Carbonell, Quiñones, Ferrándiz, Bermúdez, Llorens",
            "Zaragoza, Málaga, Bilbao, A Coruña",
            "Informática, Sistemas, Redes, Consultoría, Tecnologías",
            "S.L., S.A., S.L.U.",
        ),
        _culture(
            "IT", "EUR", "+39 02 5550 00",
            "Niccolò, Giulia, Matteo, Chiara, Beatrice, Lorenzo",
            "Fabbri, Colombo, D’Agostino, Santoro, Brambilla, Marchesi",
            "Bologna, Torino, Verona, Forlì",
            "Informatica, Sistemi, Reti, Soluzioni",
            "S.r.l., S.p.A.",
        ),
        _culture(
            "DE", "EUR", "+49 30 23125 0",
            "Jürgen, Katharina, Björn, Annegret, Emre, Sabine, Götz, Friederike, Malte, Ayşe",
            "Schäfer, Kröger, Weißenborn, Dünkel, Yıldız, Ostermann, Brückner, Hagedorn, Löffler, Steinmüller",
            "Nürnberg, Bremen, Münster, Kassel, Leipzig, Freiburg",
            "Systemhaus, Netzwerke, IT-Service, Datentechnik, Informationssysteme, Cloud",
            "GmbH, GmbH & Co. KG, AG, GmbH",
        ),
        _culture(
            "CH", "CHF", "+41 44 555 00 ",
            "Reto, Ursina, Jean-Luc, Barbara, Luca, Silvia",
            "Zürcher, Bächtold, Favre, Caduff, Bernasconi, Rüegg",
            "Winterthur, Genève, Chur",
            "Informatik, Netzwerke, Systeme, Consulting",
            "AG, SA, GmbH",
        ),
        _culture(
            "AT", "EUR", "+43 1 5550 0",
            "Leopold, Theresa, Markus, Elfriede, Nikolaus, Jasmin",
            "Höllriegl, Pichler, Nußbaumer, Kovačević, Gruber, Wögerbauer",
            "Graz, Linz, Salzburg",
            "Systemtechnik, IT-Lösungen, Netzwerke, EDV",
            "GmbH, AG",
        ),
        _culture(
            "NL", "EUR", "+31 20 555 00",
            "Sanne, Jeroen, Femke, Daan, Fatima, Wouter",
            "van der Meulen, de Haan, Kuijpers, Boukhari, Zeilstra, Ruijter",
            "Utrecht, Groningen, Eindhoven, Zwolle",
            "Automatisering, Netwerken, ICT, Systemen, Cloud",
            "B.V., B.V., N.V.",
        ),
        _culture(
            "SE", "SEK", "+46 8 465 004 ",
            "Åsa, Björn, Linnéa, Göran, Ebba, Håkan, Maja, Sixten",
            "Lindström, Åkerblom, Sjögren, Ekdahl, Hjälm, Nordqvist, Öberg, Palmér",
            "Göteborg, Malmö, Umeå, Linköping",
            "Data, Nätverk, IT, System, Molntjänster",
            "AB, AB, AB",
        ),
        _culture(
            "DK", "DKK", "+45 70 55 00 ",
            "Søren, Kirstine, Rasmus, Mette, Asbjørn, Pernille",
            "Møller, Kjærgaard, Ravnsborg, Højlund, Bøgh, Thyssen",
            "Aarhus, Odense, Aalborg",
            "Netværk, IT, Data, Systemer",
            "A/S, ApS",
        ),
        _culture(
            "NO", "NOK", "+47 55 50 00 ",
            "Ingrid, Sindre, Solveig, Øystein, Tuva, Håvard",
            "Bjørnstad, Sæther, Nygård, Haugland, Ødegaard, Tveit",
            "Bergen, Trondheim, Tromsø",
            "Nettverk, IT-Drift, Data, Systemer",
            "AS, ASA",
        ),
        _culture(
            "FI", "EUR", "+358 9 555 00",
            "Päivi, Juhani, Aino, Väinö, Satu, Mikko",
            "Mäkelä, Hämäläinen, Kivelä, Räsänen, Virtala, Saarinen",
            "Tampere, Oulu, Jyväskylä",
            "Tietopalvelut, Verkot, Järjestelmät, Data",
            "Oy, Oyj",
        ),
        _culture(
            "PL", "PLN", "+48 22 555 00 ",
            "Małgorzata, Łukasz, Żaneta, Krzysztof, Agnieszka, Paweł",
            "Kołodziej, Zięba, Gąsior, Wróbel, Pająk, Dudziak",
            "Kraków, Wrocław, Gdańsk, Łódź",
            "Systemy, Sieci, Informatyka, Technologie",
            "Sp. z o.o., S.A.",
        ),
        _culture(
            "IN", "INR", "+91 22 5550 00",
            "Ananya, Vikram, Lakshmi, Arjun, Kavitha, Rohan, Meera, Farhan",
            "Raghunathan, Deshpande, Iyer, Chatterjee, Bhattacharya, Kulkarni, Siddiqui, Menon",
            "Pune, Chennai, Kochi, Ahmedabad",
            "Infotech, Systems, Networks, Technologies, Softech",
            "Pvt. Ltd., Ltd., LLP",
        ),
        _culture(
            "JP", "JPY", "+81 3 5550 00",
            "Haruka, Kenji, Yūko, Takeshi, Sakura, Daisuke",
            "Takahashi, Ōnishi, Fujimura, Kobayashi, Shimada, Kurosawa",
            "Nagoya, Fukuoka, Sendai",
            "Systems, Networks, Data, Solutions",
            "K.K., G.K.",
        ),
        _culture(
            "SG", "SGD", "+65 6555 00",
            "Wei Ling, Jun Hao, Nurul, Siew Mei, Rajesh, Xin Yi",
            "Tan, Lim Boon, Rahman, Goh, Subramaniam, Koh",
            "Singapore, Jurong, Tampines",
            "Technologies, Networks, Systems, Digital",
            "Pte. Ltd., Pte. Ltd.",
        ),
        _culture(
            "AU", "AUD", "+61 2 5550 12",
            "Bronwyn, Lachlan, Matilda, Dinh, Angus, Zoë",
            "Fitzsimmons, Nguyen, Papadopoulos, Barrington, McKellar, Yunupingu",
            "Brisbane, Adelaide, Hobart, Perth",
            "IT, Networks, Technology, Cloud",
            "Pty Ltd, Ltd",
        ),
    )
}  # fmt: skip

# Company names are put together of two halves that mean nothing, so that none of them is a real one.
HEADS = [
    "Alder",
    "Brant",
    "Calder",
    "Dorn",
    "Elm",
    "Fjord",
    "Garn",
    "Halden",
    "Iver",
    "Juni",
    "Keld",
    "Lumen",
    "Marl",
    "Nord",
    "Orla",
    "Pell",
    "Quill",
    "Ravel",
    "Solv",
    "Tarn",
    "Umbra",
    "Velt",
    "Wexel",
    "Ysel",
    "Zephyr",
    "Arden",
    "Bexa",
    "Corvin",
    "Delmar",
    "Estra",
    "Ferro",
    "Glint",
    "Hexa",
    "Istra",
    "Kestrel",
    "Lyra",
    "Monta",
    "Nimbo",
    "Octan",
    "Praxi",
    "Rivo",
    "Stella",
    "Tessel",
    "Vanta",
    "Westen",
    "Xylo",
    "Altamir",
    "Braven",
    "Cinder",
    "Dunmore",
]
TAILS = [
    "ia",
    "on",
    "mark",
    "net",
    "wave",
    "ware",
    "point",
    "gate",
    "line",
    "bridge",
    "stone",
    "field",
    "forge",
    "path",
    "tec",
    "logic",
    "works",
    "port",
    "ridge",
    "craft",
    "view",
    "sys",
    "hub",
    "beam",
    "core",
    "well",
    "data",
    "vik",
    "mont",
    "dale",
]
