//! The model beside others on the same rows.

use crate::output::{align_right, counted, file_name, rough, short, signed, so, table, value};
use ruska_ops::compare::Against;

/// What differs from another model.
pub(super) fn section(against: &Against) -> String {
    let other = short(file_name(&against.model), 30);
    let mut shown = table(&["metric", "this model", &other, "better by", "95 % interval", ""]);
    for of in &against.metrics {
        let (interval, so) = match (of.low, of.high) {
            (Some(low), Some(high)) => {
                (format!("{} … {}", signed(low), signed(high)), so(low, high))
            }
            _ if against.series.is_some() => (String::new(), "too few series to tell"),
            _ => (String::new(), "too few rows to tell"),
        };
        let cells = [of.metric.clone(), value(of.first), value(of.other), signed(of.better_by)];
        shown.add_row(cells.into_iter().chain([interval, so.to_owned()]));
    }
    align_right(&mut shown, 1..4);
    let Against { first_alone, other_alone, p, .. } = against;
    let (alone, of) = match against.series {
        Some(series) => ("nearer on average", format!("{series} series")),
        None => ("alone right or nearer", counted(against.rows, "row")),
    };
    let p = if *p < 1e-4 { "p < 0.0001".to_owned() } else { format!("p = {}", rough(*p)) };
    let mut text = format!(
        "{shown}\n{alone}: this model {first_alone}, the other {other_alone} of {of} (sign test {p})\n"
    );
    for (name, learned) in
        [("this model", against.first_learned), (other.as_str(), against.other_learned)]
    {
        if let Some(learned) = learned.filter(|learned| *learned > 0) {
            let line = format!(
                "{name} may have learned from {learned} of the rows, where it looks better"
            );
            text += &short(&line, 100);
            text.push('\n');
        }
    }
    text
}
