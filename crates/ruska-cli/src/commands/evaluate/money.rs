//! What decisions are worth.

use super::share;
use crate::output::{align_right, short, signed, table, value};
use ruska::evaluation::{Decided, Money, StockCost, Worth};

/// The worth of a threshold chosen well, beside the usual decisions.
pub(super) fn section(money: &Money, positive: &str) -> String {
    let mut shown = table(&["profit per 1,000 rows", "decided", "value", "95 % interval"]);
    let from = money.threshold.map(value);
    let mut rows = vec![
        ("best threshold, as expected elsewhere".to_owned(), &money.expected),
        ("the same on these rows, which chose it".to_owned(), &money.best),
        ("as the model decides".to_owned(), &money.model),
        ("everybody".to_owned(), &money.all),
        ("nobody".to_owned(), &money.none),
    ];
    rows.extend(money.given.as_ref().map(|given| ("the threshold given".to_owned(), given)));
    for (name, Decided { share: decided, worth }) in rows {
        shown.add_row([name, share(*decided), value(worth.value), interval(worth)]);
    }
    align_right(&mut shown, 1..3);
    let positive = short(positive, 20);
    let first = match from {
        Some(from) => {
            format!("best         decide for `{positive}` from a probability of {from} on")
        }
        None => "best         decide for nobody".to_owned(),
    };
    let over = |name: &str, worth: &Worth| {
        let so = match worth {
            Worth { low, high, .. } if *low == 0.0 && *high == 0.0 => ", the same",
            Worth { low, .. } if *low > 0.0 => "",
            Worth { high, .. } if *high < 0.0 => ", which is worse",
            _ => ", which may be chance",
        };
        format!("{} over {name} ({}){so}", signed(worth.value), interval(worth))
    };
    let next = if money.all.worth.value >= money.none.worth.value {
        over("everybody", &money.over_all)
    } else {
        over("nobody", &money.over_none)
    };
    let model = over("the model's decisions", &money.over_model);
    let mut text = format!("{}\nworth        {next}\n             {model}\n", short(&first, 100));
    if let Some(exact) = money.exact {
        text += &short(
            &format!("             were probabilities exact, {} would be best", value(exact)),
            100,
        );
        text.push('\n');
    }
    format!("{text}\n{shown}\n{}\n", short(&format!("with {}", money.profit), 100))
}

/// What having forecasts in store would have cost.
pub(super) fn stock(of: &StockCost) -> String {
    let mut shown = table(&["cost per 1,000 periods of a series", "cost", "95 % interval"]);
    let quantile = format!("the {} quantile in store", share(of.ratio));
    for (name, worth) in [
        (quantile.as_str(), &of.quantile),
        ("the forecast in store", &of.forecast),
        ("saved by the quantile", &of.saved),
    ] {
        shown.add_row([name.to_owned(), value(worth.value), interval(worth)]);
    }
    align_right(&mut shown, 1..2);
    format!(
        "stock        cover what comes with a probability of {}: under {}, over {} a unit; it was \
         in {}\n\n{shown}\n",
        share(of.ratio),
        value(of.stock.under),
        value(of.stock.over),
        share(of.covered),
    )
}

pub(super) fn interval(worth: &Worth) -> String {
    format!("{} … {}", value(worth.low), value(worth.high))
}
