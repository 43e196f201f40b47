"""Writes the made-up tables of this folder: `python3 generate.py [FOLDER]`.

Standard library only. Every table has its own fixed seed and draws nothing but `random()`, whose
sequence Python guarantees, so that each run gives the same bytes. The mechanism of each table is
the code of its function; what is planted in it is listed in `datasets.toml`.
"""

import csv
import math
import pathlib
import random
import sys
from datetime import date, timedelta


class Chance:
    """Distributions made from uniform numbers in [0, 1)."""

    def __init__(self, seed):
        self.unit = random.Random(seed).random

    def happens(self, probability):
        return self.unit() < probability

    def between(self, low, high):
        return low + (high - low) * self.unit()

    def whole(self, low, high):
        return low + int(self.unit() * (high - low + 1))

    def pick(self, items):
        return items[int(self.unit() * len(items))]

    def weighted(self, weights):
        """A key of a dict of weights."""
        left = self.unit() * sum(weights.values())
        for key, weight in weights.items():
            left -= weight
            if left < 0:
                break
        return key

    def normal(self, mean=0.0, deviation=1.0):
        radius = math.sqrt(-2 * math.log(1 - self.unit()))
        return mean + deviation * radius * math.cos(2 * math.pi * self.unit())

    def poisson(self, mean):
        limit, product, count = math.exp(-mean), self.unit(), 0
        while product > limit:
            product *= self.unit()
            count += 1
        return count

    def shuffle(self, items):
        for i in range(len(items) - 1, 0, -1):
            j = self.whole(0, i)
            items[i], items[j] = items[j], items[i]


def sigmoid(z):
    return 1 / (1 + math.exp(-z))


def logit(p):
    return math.log(p / (1 - p))


def yes(flag):
    return "yes" if flag else "no"


def intercept(scores, share):
    """The constant that makes the mean probability of the scores equal to the share."""
    low, high = -20.0, 20.0
    for _ in range(60):
        middle = (low + high) / 2
        if sum(sigmoid(s + middle) for s in scores) < share * len(scores):
            low = middle
        else:
            high = middle
    return low


TICKETS = {
    # topic: (how much it adds to the log-odds of leaving, texts)
    "price": (0.9, [
        "asked for a cheaper plan",
        "bill higher than expected",
        "compared us with a competitor, wants a discount",
    ]),
    "leave": (1.6, [
        "asked about notice period",
        "wants to know how to cancel",
        "asked to move number to another provider",
    ]),
    "fault": (0.5, [
        "no signal at home",
        "slow internet in the evening",
        "router restarts, second call",
        "connection lost several times",
    ]),
    "question": (-0.3, [
        "how to change address",
        "invoice copy requested",
        "question about roaming",
        "new SIM card ordered",
    ]),
    "praise": (-0.8, [
        "thanked for quick help",
        "added a second line",
        "upgraded, happy with service",
    ]),
}


COUNTRIES = {"DE": 34, "FR": 22, "ES": 14, "IT": 12, "NL": 9, "PL": 6, "AT": 3}
PAYMENTS = {"direct debit": 38, "credit card": 27, "bank transfer": 22, "PayPal": 13}


def churn(rows=3000):
    """Telecom customers at the end of June 2025 and whether they left in the quarter after it.

    Leaving is a coin with log-odds from contract, tenure, support calls, price against the plan's
    usual one, silence in the app, ticket topic, age (the young and the old stay less) and an
    interaction (bank transfer without a contract), plus noise that no column shows.
    """
    chance, today, people = Chance(20250630), date(2025, 6, 30), []
    usual = {"Basic": 19.0, "Standard": 34.0, "Premium": 58.0}
    for i in range(rows):
        contract = chance.weighted({"month-to-month": 52, "one year": 28, "two years": 20})
        plan = chance.weighted({"Basic": 40, "Standard": 38, "Premium": 22})
        typical = {"month-to-month": 16, "one year": 34, "two years": 48}[contract]
        days = min(int(typical * 30.4 * -math.log(1 - chance.unit())), 3000)
        tenure = days * 12 // 365
        payment = chance.weighted(PAYMENTS)
        surplus = chance.normal(0, 0.16)
        monthly = round(usual[plan] * math.exp(surplus), 2)
        age = min(max(int(chance.normal(46, 16)), 18), 92)
        app = chance.happens(0.75 if age < 55 else 0.42)
        silence = int(-math.log(1 - chance.unit()) * (9 if app else 40))
        calls = chance.poisson(0.6 + 0.5 * chance.unit() ** 3 * 6)
        topic = chance.weighted({"price": 22, "leave": 10, "fault": 26, "question": 30, "praise": 12})
        family = chance.happens(0.31)
        score = (
            {"month-to-month": 0.0, "one year": -1.5, "two years": -2.6}[contract]
            - 0.75 * math.log1p(tenure)
            + 0.5 * min(calls, 6)
            + 3.4 * surplus
            + (1.1 if silence > 30 else 0.0)
            + (TICKETS[topic][0] if calls else -0.3)
            + (0.6 if age < 27 else 0.35 if age > 70 else 0.0)
            + (0.9 if payment == "bank transfer" and contract == "month-to-month" else 0.0)
            - 0.5 * family
            + chance.normal(0, 0.9)
        )
        ticket = chance.pick(TICKETS[topic][1]) if calls else ""
        people.append((score, {
            "customer_id": f"C-{104729 + 7 * i}",
            "signup_date": (today - timedelta(days=days)).isoformat(),
            "country": chance.weighted(COUNTRIES),
            "age": "" if chance.happens(0.07) else age,
            "plan": plan,
            "contract": contract,
            "payment_method": payment,
            "paperless_billing": yes(chance.happens(0.62)),
            "family_discount": yes(family),
            "uses_app": yes(app),
            "tenure_months": tenure,
            "monthly_charges": f"{monthly:.2f}",
            "total_charges": f"{monthly * tenure * chance.between(0.94, 1.0):.2f}" if tenure else "",
            "currency": "EUR",
            "data_usage_gb": "" if chance.happens(0.05) else f"{math.exp(chance.normal(1.9, 0.8)):.1f}",
            "support_calls": calls,
            "days_since_last_login": silence,
            "last_ticket": ticket,
        }))
    shift = intercept([score for score, _ in people], 0.25)
    for score, row in people:
        left = chance.happens(sigmoid(score + shift))
        # Billed when the contract is ended: known only after the fact.
        billed = chance.happens(0.99 if left else 0.002)
        row["cancellation_fee_eur"] = chance.pick(["15.00", "25.00", "40.00"]) if billed else "0.00"
        row["churned"] = yes(left)
    return [row for _, row in people]


MAKES = {
    # make: (price of a new car of the make's middle model, value kept after a year, models)
    "Alfa Romeo": (34, 0.84, ["Giulia", "Giulietta", "Stelvio", "MiTo"]),
    "Audi": (42, 0.87, ["A1", "A3", "A4", "A6", "Q3", "Q5"]),
    "BMW": (46, 0.87, ["1er", "3er", "5er", "X1", "X3"]),
    "Citroën": (22, 0.83, ["C1", "C3", "C4", "Berlingo"]),
    "Dacia": (15, 0.88, ["Sandero", "Duster", "Logan"]),
    "Fiat": (18, 0.83, ["500", "Panda", "Tipo"]),
    "Ford": (25, 0.84, ["Fiesta", "Focus", "Kuga", "Mondeo"]),
    "Hyundai": (23, 0.86, ["i10", "i20", "i30", "Tucson"]),
    "Mercedes-Benz": (48, 0.87, ["A-Klasse", "C-Klasse", "E-Klasse", "GLA", "GLC"]),
    "Opel": (22, 0.83, ["Corsa", "Astra", "Insignia", "Mokka"]),
    "Peugeot": (24, 0.84, ["208", "308", "3008", "508"]),
    "Renault": (23, 0.83, ["Clio", "Mégane", "Captur", "Zoe"]),
    "Škoda": (26, 0.87, ["Fabia", "Octavia", "Superb", "Kodiaq"]),
    "Toyota": (26, 0.89, ["Yaris", "Corolla", "RAV4", "Aygo"]),
    "Volkswagen": (31, 0.87, ["up!", "Polo", "Golf", "Passat", "Tiguan", "T-Roc"]),
}

REMARKS = {
    # remark: (log of its factor on the price, how common)
    "full service history": (0.05, 26),
    "first owner, garage kept": (0.06, 14),
    "panorama roof, heated seats": (0.07, 12),
    'new tyres, 17" rims': (0.02, 12),
    "accident damage at the front, repaired": (-0.22, 7),
    "engine noise, sold as seen": (-0.35, 4),
    "small scratches": (-0.04, 12),
    "inspection due soon": (-0.05, 8),
    "": (0.0, 20),
}


COLOURS = {
    # colour: (log of its factor on the price, how common)
    "black": (0.0, 24),
    "white": (0.01, 18),
    "grey": (0.0, 20),
    "silver": (-0.02, 14),
    "blue": (0.0, 11),
    "red": (-0.01, 8),
    "green": (-0.05, 2),
    "yellow": (-0.08, 1),
    "brown": (-0.05, 2),
}


def car_prices(rows=2500):
    """Used cars offered in June 2025 and the price asked.

    The price is the new price of model, power and fuel, times the make's value kept per year of
    age (after eight years 94 % for all), times exp(-4.5e-6 km), times the remarks, gearbox and
    colour, times noise of 9 %; 490 at least.
    """
    chance, today, cars = Chance(31415), date(2025, 6, 15), []
    models = [(make, model) for make, (_, _, names) in MAKES.items() for model in names]
    # What a model costs against its make's middle one, and how common it is.
    tier = {pair: chance.normal(0, 0.24) for pair in models}
    common = {pair: math.exp(chance.normal(0, 0.7)) for pair in models}
    for i in range(rows):
        make, model = chance.weighted(common)
        new, kept, _ = MAKES[make]
        days = min(int(-math.log(1 - chance.unit()) * 1900) + 90, 8000)
        first, age = today - timedelta(days=days), days / 365.25
        electric = {"Zoe": 2000, "up!": 14, "500": 14}.get(model, 0)
        fuel = chance.weighted({
            "petrol": 55,
            "diesel": 32 if new > 20 else 10,
            "hybrid": 9 if age < 8 else 2,
            "electric": electric if age < 9 else 0,
        })
        km = int(age * 365.25 * (52 if fuel == "diesel" else 34) * math.exp(chance.normal(0, 0.4)))
        power = int(round(70 + 2.4 * new + 60 * tier[make, model] + chance.normal(0, 18), 0))
        power = max(power, 60)
        automatic = chance.happens(1.0 if fuel == "electric" else 0.25 + 0.006 * new)
        remarks = sorted({chance.weighted({r: w for r, (_, w) in REMARKS.items()}) for _ in range(2)})
        colour = chance.weighted({c: share for c, (_, share) in COLOURS.items()})
        fuel_factor = {
            "petrol": 0.0,
            "diesel": 0.03 - 0.008 * age,
            "hybrid": 0.12,
            "electric": 0.22 - 0.06 * age,
        }
        log_price = (
            math.log(1000 * new)
            + tier[make, model]
            + 0.45 * math.log(power / (70 + 2.4 * new))
            + min(age, 8) * math.log(kept)
            - 0.06 * max(age - 8, 0)
            + (-0.06 if age > 1 else 0.0)
            - 4.5e-6 * km
            + fuel_factor[fuel]
            + (0.06 if automatic else 0.0)
            + COLOURS[colour][0]
            + sum(REMARKS[r][0] for r in remarks)
            + chance.normal(0, 0.09)
        )
        cars.append({
            "listing_id": 480013 + 3 * i,
            "make": make,
            "model": model,
            "year": first.year,
            "first_registration": first.strftime("%d.%m.%Y"),
            # Some sellers type thousands.
            "mileage_km": km // 1000 if km > 20000 and chance.happens(0.01) else km,
            "fuel": fuel,
            "gearbox": "automatic" if automatic else "manual",
            "power_hp": "" if chance.happens(0.08) else power,
            "doors": chance.weighted({"": 3, 3: 17, 5: 80}),
            "colour": colour,
            "seller": chance.weighted({"dealer": 64, "private": 36}),
            "description": ", ".join(filter(None, remarks)),
            "price_eur": max(int(round(math.exp(log_price), -1)), 490),
        })
    for _ in range(8):  # a broken export repeats rows
        cars.insert(chance.whole(0, len(cars)), dict(chance.pick(cars)))
    return cars


GROUPS = {
    # group: (customers, recency, orders, basket, online share, returns share, age), the middle of each
    "loyal": (420, 18, 22, 58, 0.35, 0.04, 51),
    "bargain hunters": (480, 45, 9, 24, 0.85, 0.10, 34),
    "big occasions": (250, 140, 3, 210, 0.25, 0.03, 57),
    "lapsed": (350, 420, 2, 40, 0.60, 0.08, 43),
}


def grouped_customers():
    """Shop customers with the hidden group each was drawn from.

    In each group recency, orders and basket are log-normal around the group's middle, the shares
    are logistic-normal and age is normal. Region and newsletter are the same in all groups.
    """
    chance, people = Chance(271828), []
    for group, (count, recency, orders, basket, online, returns, age) in GROUPS.items():
        for _ in range(count):
            visits = max(int(round(orders * math.exp(chance.normal(0, 0.35)))), 1)
            mean = basket * math.exp(chance.normal(0, 0.3))
            people.append((group, {
                "recency_days": max(int(recency * math.exp(chance.normal(0, 0.45))), 1),
                "orders_per_year": visits,
                "spend_eur": visits * mean,
                "basket_eur": mean,
                "online_share": sigmoid(chance.normal(logit(online), 0.6)),
                "returns_share": sigmoid(chance.normal(logit(returns), 0.5)),
                "region": chance.weighted({"North": 24, "South": 31, "East": 18, "West": 27}),
                "age": "" if chance.happens(0.06) else min(max(int(chance.normal(age, 8)), 18), 90),
                "newsletter": yes(chance.happens(0.44)),
            }))
    chance.shuffle(people)
    for i, (_, row) in enumerate(people):
        for name, value in row.items():
            if isinstance(value, float):
                row[name] = f"{value:.{2 if name.endswith('_eur') else 3}f}".replace(".", ",")
        people[i] = (people[i][0], {"customer_no": f"{i + 1:05d}", **row})
    return people


def customers():
    return [row for _, row in grouped_customers()]


PRODUCTS = {
    # product: (orders a month at the start, growth a year, season's strength, its month, price)
    "Barbecue": (140, 0.03, 0.95, 6, 89.0),
    "Blanket": (210, 0.02, 0.70, 12, 35.0),
    "Candle": (520, 0.05, 0.45, 12, 9.9),
    "Coffee maker": (330, 0.04, 0.15, 12, 64.0),
    "Desk lamp": (260, 0.00, 0.20, 11, 29.0),
    "Fan": (180, 0.06, 1.10, 7, 42.0),
    "Garden chair": (240, 0.02, 0.85, 5, 55.0),
    "Kettle": (400, -0.03, 0.10, 12, 27.0),
    "Notebook": (900, -0.06, 0.30, 9, 4.5),
    "Air purifier": (60, 0.40, 0.20, 1, 149.0),
    "Snow shovel": (70, 0.00, 2.20, 1, 24.0),
    "Water bottle": (450, 0.09, 0.35, 6, 14.0),
}
STARTS = {"Air purifier": 40}


def orders(months=72):
    """Orders of twelve products a month, 2019 to 2024.

    Orders are level × growth × season × (price / usual price)^-1.2 × 1.35 in a promotion × noise
    of 7 %, rounded; the season is a cosine in the logarithm that peaks in the product's month.
    """
    chance, rows = Chance(161803), []
    for product, (level, growth, season, peak, usual) in PRODUCTS.items():
        price = usual
        for m in range(months):
            month = m % 12 + 1
            promotion = chance.happens(0.22 if month in (3, 9, 11) else 0.07)
            if month == 1 and m > 0:
                price *= 1 + chance.between(0.0, 0.05)
            asked = price * (0.85 if promotion else 1.0)
            lift = 1.35 if promotion else 1.0
            mean = (
                level
                * (1 + growth) ** (m / 12)
                * math.exp(season * math.cos(2 * math.pi * (month - peak) / 12))
                * (asked / usual) ** -1.2
                * lift
            )
            count = int(round(mean * math.exp(chance.normal(0, 0.07))))
            if product == "Snow shovel" and 4 <= month <= 9:
                count = 0
            blank, absent = chance.happens(0.012), chance.happens(0.004)
            if m >= STARTS.get(product, 0) and not absent:
                rows.append({
                    "month": f"{2019 + m // 12}-{month:02d}",
                    "product": product,
                    "orders": "" if blank else count,
                    "price_eur": f"{asked:.2f}",
                    "promotion": yes(promotion),
                })
    return sorted(rows, key=lambda row: (row["month"], row["product"]))


TABLES = {
    "churn": (churn, ","),
    "car_prices": (car_prices, ","),
    "customers": (customers, ";"),
    "orders": (orders, ","),
}


def main(folder):
    for name, (make, delimiter) in TABLES.items():
        rows = make()
        with open(folder / f"{name}.csv", "w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0].keys(), delimiter=delimiter, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent))
