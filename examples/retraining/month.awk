# Prints one month of a made-up telecom's customers as CSV: awk -v month=2026-05 -v rows=2000 -f month.awk
# From 2026-06 on a competitor sells cheap contracts without a term: whoever pays much and is bound
# to nothing leaves, whatever the tenure. The same month gives the same bytes with every awk.
function uniform() {                      # Park and Miller's generator, exact in doubles
    state = (state * 48271) % 2147483647
    return state / 2147483647
}
function normal(   i, sum) {
    for (i = 0; i < 12; i++) sum += uniform()
    return sum - 6
}
BEGIN {
    split(month, part, "-")
    state = part[1] * 100 + part[2] + 7
    for (i = 0; i < 20; i++) uniform()
    competitor = month >= "2026-06"
    print "month,customer,contract,tenure_months,monthly_charges,support_calls,usage_gb,churned"
    for (i = 1; i <= rows; i++) {
        u = uniform()
        contract = u < 0.5 ? "monthly" : (u < 0.8 ? "yearly" : "two years")
        tenure = int(72 * uniform() ^ 1.5)
        charges = 35 + 25 * uniform() + (uniform() < 0.4 ? 30 : 0)
        calls = int(-1.2 * log(uniform()))
        usage = 8 + 3 * normal()
        if (usage < 0) usage = 0
        z = -1.9 + 0.55 * calls - 0.035 * tenure
        if (contract == "monthly") z += 1.1
        if (contract == "two years") z -= 1.2
        if (competitor && contract == "monthly") z += (charges > 65 ? 2.2 : -0.6) + 0.03 * tenure
        churned = uniform() < 1 / (1 + exp(-z)) ? "yes" : "no"
        printf "%s-01,%s-%05d,%s,%d,%.2f,%d,%.1f,%s\n", month, month, i, contract, tenure, charges, calls, usage, churned
    }
}
