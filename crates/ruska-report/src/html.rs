//! A page as HTML. Everything that comes from data passes through [`escaped`] here.

use crate::page::{Answer, Page, Part, Picture, Section};
use crate::table::Table;
use ruska::svg::escaped;
use std::fmt::Write;

/// How the page looks: on screens of any width, light and dark, and on paper.
const STYLE: &str = include_str!("style.css");
/// Longest text of a cell.
const CELL: usize = 160;

/// The document.
pub(crate) fn document(page: &Page) -> String {
    let title = escaped(&plain(&page.title));
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<header>\n<h1>{}</h1>\n<p>{}</p>\n</header>\n<main>\n",
        inline(&page.title),
        inline(&page.subtitle)
    );
    if !page.answers.is_empty() {
        out += "<section class=\"answers\" aria-label=\"In short\">\n";
        page.answers.iter().for_each(|a| answer(&mut out, a));
        out += "</section>\n";
    }
    contents(&mut out, &page.sections);
    page.sections.iter().for_each(|s| section(&mut out, s));
    let version = env!("CARGO_PKG_VERSION");
    let _ = write!(
        out,
        "</main>\n<footer><p>Made by ruska {version}.</p></footer>\n</body>\n</html>\n"
    );
    out
}

fn answer(out: &mut String, answer: &Answer) {
    let _ = write!(
        out,
        "<article><h2>{}</h2><p class=\"short\">{}</p>",
        inline(&answer.question),
        inline(&answer.short)
    );
    for line in &answer.more {
        let _ = write!(out, "<p>{}</p>", inline(line));
    }
    *out += "</article>\n";
}

fn contents(out: &mut String, sections: &[Section]) {
    *out += "<nav aria-label=\"Contents\"><ul>";
    for Section { id, title, .. } in sections {
        let _ = write!(out, "<li><a href=\"#{id}\">{}</a></li>", inline(title));
    }
    *out += "</ul></nav>\n";
}

fn section(out: &mut String, section: &Section) {
    let (id, title) = (section.id, inline(&section.title));
    let _ = writeln!(
        out,
        "<section id=\"{id}\" aria-labelledby=\"{id}-title\"><h2 id=\"{id}-title\">{title}</h2>"
    );
    for part in &section.parts {
        match part {
            Part::Heading(text) => {
                let _ = writeln!(out, "<h3>{}</h3>", inline(text));
            }
            Part::Text(text) => {
                let _ = writeln!(out, "<p>{}</p>", inline(text));
            }
            Part::Note(text) => {
                let _ = writeln!(out, "<p class=\"note\">{}</p>", inline(text));
            }
            Part::Code(text) => {
                let code = escaped_lines(text);
                let _ = writeln!(out, "<pre tabindex=\"0\"><code>{code}</code></pre>");
            }
            Part::List(lines) => {
                *out += "<ul>";
                for line in lines {
                    let _ = write!(out, "<li>{}</li>", inline(line));
                }
                *out += "</ul>\n";
            }
            Part::Table(table) => self::table(out, table),
            Part::Pictures(pictures) => {
                *out += "<div class=\"pictures\">\n";
                pictures.iter().for_each(|p| picture(out, p));
                *out += "</div>\n";
            }
        }
    }
    *out += "</section>\n";
}

fn table(out: &mut String, table: &Table) {
    let caption = inline(&table.caption);
    let _ = write!(
        out,
        "<div class=\"scroll\" role=\"group\" tabindex=\"0\" aria-label=\"{}\"><table><caption>{caption}</caption><thead><tr>",
        escaped(&plain(&table.caption))
    );
    let class = |column| if table.is_numeric(column) { " class=\"number\"" } else { "" };
    for (i, name) in table.columns.iter().take(table.across).enumerate() {
        let _ = write!(out, "<th scope=\"col\"{}>{}</th>", class(i), inline(name));
    }
    *out += "</tr></thead><tbody>\n";
    for row in table.rows.iter().take(table.shown) {
        *out += "<tr>";
        for (i, cell) in row.iter().take(table.across).enumerate() {
            let text = escaped(&ruska::words::cut(&cell.text, CELL));
            let _ = match i {
                0 if text.is_empty() => write!(out, "<td>–</td>"),
                0 => write!(out, "<th scope=\"row\"{}><bdi>{text}</bdi></th>", class(i)),
                _ => write!(out, "<td{}><bdi>{text}</bdi></td>", class(i)),
            };
        }
        *out += "</tr>\n";
    }
    *out += "</tbody></table></div>\n";
    if let more @ 1.. = table.rows.len().saturating_sub(table.shown) {
        let rows = if more == 1 { "row" } else { "rows" };
        let _ = writeln!(
            out,
            "<p class=\"aside\">{more} more {rows}; <code>--data DIR</code> writes all.</p>"
        );
    }
}

fn picture(out: &mut String, picture: &Picture) {
    let words = escaped(&plain(&picture.words));
    let class = if picture.wide { " class=\"wide\"" } else { "" };
    let title = match picture.title.as_str() {
        "" => String::new(),
        title => format!("<figcaption>{}</figcaption>", inline(title)),
    };
    let _ = writeln!(
        out,
        "<figure{class}>{title}<div class=\"scroll\" role=\"img\" aria-label=\"{words}\" tabindex=\"0\">{}</div></figure>",
        picture.svg
    );
}

/// Text with names between backticks set as code; each name keeps the direction of its letters to itself.
fn inline(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    let mut out = String::new();
    for (i, part) in parts.iter().enumerate() {
        // A backtick without a partner is one.
        let closed = i % 2 == 1 && i + 1 < parts.len();
        let shown = escaped(part);
        let _ = match (i % 2, closed) {
            (0, _) => write!(out, "{shown}"),
            (_, true) => write!(out, "<code><bdi>{shown}</bdi></code>"),
            _ => write!(out, "`{shown}"),
        };
    }
    out
}

fn plain(text: &str) -> String {
    text.replace('`', "")
}

fn escaped_lines(text: &str) -> String {
    text.lines().map(escaped).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_text_is_markup() {
        assert_eq!(inline("a <b> `x<y` & c"), "a &lt;b&gt; <code><bdi>x&lt;y</bdi></code> &amp; c");
        assert_eq!(inline("one ` two"), "one ` two");
        let hostile = "\"><script>alert(1)</script>";
        let page = Page {
            title: hostile.to_owned(),
            subtitle: hostile.to_owned(),
            answers: vec![Answer {
                question: hostile.to_owned(),
                short: hostile.to_owned(),
                more: vec![hostile.to_owned()],
            }],
            sections: vec![Section {
                id: "x",
                title: hostile.to_owned(),
                parts: vec![
                    Part::Text(hostile.to_owned()),
                    Part::Code(hostile.to_owned()),
                    Part::List(vec![hostile.to_owned()]),
                    Part::Table(Table::new("t", hostile, &[hostile])),
                    Part::Pictures(vec![Picture {
                        title: hostile.to_owned(),
                        words: hostile.to_owned(),
                        svg: String::new(),
                        wide: true,
                    }]),
                ],
            }],
        };
        let html = page.html();
        assert!(!html.contains("<script") && !html.contains("\"\"><"), "{html}");
        assert_eq!(html.matches("&lt;script&gt;").count(), 16);
    }
}
