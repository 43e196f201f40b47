"""Writes table.csv, the table that the model files here were made from and predict.

The model files are made once per format with the `ruska` of that time and never again:

    for l in linear tree gbdt naive_bayes; do
        ruska fit table.csv --target y --ignore z --include $l --trials 3 --output v1-$l.ruska
        ruska predict v1-$l.ruska table.csv --output v1-$l.csv
    done
    for l in elastic_net glm; do
        ruska fit table.csv --target z --ignore y --include $l --trials 3 --output v1-$l.ruska
        ruska predict v1-$l.ruska table.csv --output v1-$l.csv
    done

So are the stores, whose database alone is kept (v1-store.db):

    fit="ruska fit table.csv --trials 4 --folds 2 --store store"
    $fit --target y --study y --include linear,tree
    $fit --target z --ignore y --study z --include linear,tree
    $fit --target z --ignore y --study refused --include gbdt --memory 1MB
"""
import csv, datetime, random

random.seed(1)
cities = ["Bern", "Oslo", "Rome", "Škofja Loka", "São Paulo"]
words = "late parcel broken screen happy quick answer wrong size colour refund please thanks".split()
with open("table.csv", "w", newline="") as f:
    out = csv.writer(f, lineterminator="\n")
    out.writerow(["n1", "n2", "flag", "city", "code", "when", "note", "z", "y"])
    for i in range(240):
        n1, n2 = round(random.gauss(5, 2), 3), random.randrange(50)
        flag, city, code = random.random() < 0.4, random.choice(cities), f"k{random.randrange(60)}"
        when = datetime.date(2023, 1, 1) + datetime.timedelta(days=random.randrange(700))
        note = " ".join(random.choices(words, k=random.randrange(3, 9)))
        z = max(0.0, 3 + n1 + 0.1 * n2 + 2 * flag + cities.index(city) + random.gauss(0, 1))
        y = "good" if z + 2 * ("happy" in note) > 13 else "bad"
        out.writerow([n1, "" if random.random() < 0.1 else n2, "yes" if flag else "no", city, code,
                      when.strftime("%d.%m.%Y"), note, round(z, 2), y])
